package dev.vmext.protocol.finding;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * The oldest entries of a machine's book that were not acknowledged: payload of {@code vmext.findings/v1 batch}. The same entries may
 * come again; whoever takes them tells by epoch and number which are new.
 *
 * @param epoch names the book; a book that was begun anew has another one
 * @param items numbers ascending, with gaps where entries had to be dropped
 */
public record FindingBatch(String epoch, List<FindingItem> items) {
    public static final int MAX_ITEMS = 256;
    public static final int MAX_EPOCH = 64;
    /** Of one batch, encoded. A sender stays below {@link #FULL} unless one entry alone is longer. */
    public static final int MAX_BYTES = 256 * 1024;

    public static final int FULL = 32 * 1024;

    public FindingBatch {
        items = List.copyOf(items);
        if (epoch.isEmpty() || epoch.length() > MAX_EPOCH) {
            throw new IllegalArgumentException("an epoch has 1 to " + MAX_EPOCH + " characters");
        }
        if (items.isEmpty() || items.size() > MAX_ITEMS) {
            throw new IllegalArgumentException("a batch has 1 to " + MAX_ITEMS + " entries");
        }
        long before = 0;
        for (FindingItem item : items) {
            if (item.number() <= before) {
                throw new IllegalArgumentException("the numbers of a batch do not ascend");
            }
            before = item.number();
        }
    }

    public byte[] encode() {
        JsonWriter json = new JsonWriter().text("epoch", epoch).array("items");
        for (FindingItem item : items) {
            json.object();
            item.write(json);
            json.end();
        }
        return json.end().toBytes();
    }

    /** Throws {@link dev.vmext.protocol.problem.ProblemException} for anything else. */
    public static FindingBatch decode(byte[] json) {
        JsonReader in = new JsonReader("findings", json, MAX_BYTES);
        String epoch = "";
        List<FindingItem> items = new ArrayList<>();
        in.document();
        while (in.nextField()) {
            switch (in.name()) {
                case "epoch" -> epoch = in.string(MAX_EPOCH);
                case "items" -> {
                    in.array();
                    while (in.nextItem()) {
                        in.object();
                        items.add(FindingItem.read(in));
                    }
                }
                default -> in.skip();
            }
        }
        in.end();
        try {
            return new FindingBatch(epoch, items);
        } catch (IllegalArgumentException e) {
            throw in.refused(String.valueOf(e.getMessage()));
        }
    }
}
