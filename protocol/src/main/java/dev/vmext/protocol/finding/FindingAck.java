package dev.vmext.protocol.finding;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;

/**
 * Up to where a machine's findings are stored for good: payload of {@code vmext.findings/v1 ack}.
 *
 * @param epoch of the book
 * @param number of the last entry that is stored
 * @param mark of that entry. A book whose entry of this number bears another mark, or that has no such number yet, was put back from a
 *     copy: its agent begins a new book with what is not acknowledged
 */
public record FindingAck(String epoch, long number, String mark) {
    private static final int MAX_BYTES = 1024;

    public byte[] encode() {
        return new JsonWriter()
                .text("epoch", epoch)
                .number("number", number)
                .text("mark", mark)
                .toBytes();
    }

    /** Throws {@link dev.vmext.protocol.problem.ProblemException} for anything else. */
    public static FindingAck decode(byte[] json) {
        JsonReader in = new JsonReader("an acknowledgement of findings", json, MAX_BYTES);
        String epoch = "";
        long number = -1;
        String mark = "";
        in.document();
        while (in.nextField()) {
            switch (in.name()) {
                case "epoch" -> epoch = in.string(FindingBatch.MAX_EPOCH);
                case "number" -> number = in.integer();
                case "mark" -> mark = in.string(FindingItem.MAX_MARK);
                default -> in.skip();
            }
        }
        in.end();
        if (epoch.isEmpty()) {
            throw in.missing("epoch");
        }
        if (number < 0) {
            throw in.missing("number");
        }
        return new FindingAck(epoch, number, mark);
    }
}
