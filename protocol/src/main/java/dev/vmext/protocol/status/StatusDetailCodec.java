package dev.vmext.protocol.status;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The details of a status to JSON and back. Pure functions, any thread. */
final class StatusDetailCodec {
    private StatusDetailCodec() {}

    /** Adds the field {@code detail} when there is anything to tell. */
    static void write(JsonWriter out, StatusDetail detail, int longest) {
        if (detail.equals(StatusDetail.NONE)) {
            return;
        }
        out.object("detail");
        Attempted attempted = detail.attempted();
        if (attempted != null) {
            out.object("attempted").text("version", attempted.version());
            StatusReportCodec.writeCause(out, attempted.cause(), longest);
            out.text("at", attempted.at().toString());
            Instant heldUntil = attempted.heldUntil();
            if (heldUntil != null) {
                out.text("heldUntil", heldUntil.toString());
            }
            out.end();
        }
        Usage usage = detail.usage();
        if (usage != null) {
            out.object("usage")
                    .bool("budgeted", usage.budgeted())
                    .number("cpuMillis", usage.cpuMillis())
                    .number("memoryPeakKiB", usage.memoryPeakKiB())
                    .number("tasksPeak", usage.tasksPeak())
                    .number("diskKiB", usage.diskKiB())
                    .end();
        }
        RemovalReport removal = detail.removal();
        if (removal != null) {
            out.object("removal");
            int left = Math.min(longest, RemovalReport.MAX_ITEMS);
            int more = removal.more();
            // What stayed is what somebody has to look at, so it is listed first when there is too much.
            left -= writeItems(out, "left", removal.left(), left, longest);
            left -= writeItems(out, "kept", removal.kept(), left, longest);
            left -= writeItems(out, "gone", removal.gone(), left, longest);
            int listed = Math.min(longest, RemovalReport.MAX_ITEMS) - left;
            int all = removal.left().size()
                    + removal.kept().size()
                    + removal.gone().size();
            out.number("more", more + all - listed).end();
        }
        out.end();
    }

    private static int writeItems(JsonWriter out, String name, List<RemovalReport.Item> items, int limit, int longest) {
        out.array(name);
        int written = 0;
        for (RemovalReport.Item item : items) {
            if (written == limit) {
                break;
            }
            out.object()
                    .text("kind", StatusReportCodec.cut(item.kind(), longest))
                    .text("name", StatusReportCodec.cut(item.name(), longest))
                    .end();
            written++;
        }
        out.end();
        return written;
    }

    static StatusDetail read(JsonReader in) {
        Attempted attempted = null;
        Usage usage = null;
        RemovalReport removal = null;
        in.object();
        while (in.nextField()) {
            switch (in.name()) {
                case "attempted" -> attempted = readAttempted(in);
                case "usage" -> usage = readUsage(in);
                case "removal" -> removal = readRemoval(in);
                default -> in.skip();
            }
        }
        return new StatusDetail(attempted, usage, removal);
    }

    private static Attempted readAttempted(JsonReader in) {
        String version = null;
        Cause cause = null;
        Instant at = null;
        Instant heldUntil = null;
        in.object();
        while (in.nextField()) {
            switch (in.name()) {
                case "version" -> version = in.string();
                case "cause" -> cause = StatusReportCodec.readCause(in);
                case "at" -> at = in.instant();
                case "heldUntil" -> heldUntil = in.instant();
                default -> in.skip();
            }
        }
        return new Attempted(
                required(in, "version", version), required(in, "cause", cause), required(in, "at", at), heldUntil);
    }

    private static Usage readUsage(JsonReader in) {
        boolean budgeted = false;
        long cpu = 0;
        long memory = 0;
        int tasks = 0;
        long disk = 0;
        in.object();
        while (in.nextField()) {
            switch (in.name()) {
                case "budgeted" -> budgeted = in.bool();
                case "cpuMillis" -> cpu = in.integer();
                case "memoryPeakKiB" -> memory = in.integer();
                case "tasksPeak" -> tasks = in.smallInteger();
                case "diskKiB" -> disk = in.integer();
                default -> in.skip();
            }
        }
        return new Usage(budgeted, cpu, memory, tasks, disk);
    }

    private static RemovalReport readRemoval(JsonReader in) {
        List<RemovalReport.Item> gone = new ArrayList<>();
        List<RemovalReport.Item> kept = new ArrayList<>();
        List<RemovalReport.Item> left = new ArrayList<>();
        int more = 0;
        in.object();
        while (in.nextField()) {
            switch (in.name()) {
                case "gone" -> readItems(in, gone);
                case "kept" -> readItems(in, kept);
                case "left" -> readItems(in, left);
                case "more" -> more = in.smallInteger();
                default -> in.skip();
            }
        }
        return new RemovalReport(gone, kept, left, more);
    }

    private static void readItems(JsonReader in, List<RemovalReport.Item> into) {
        in.array();
        while (in.nextItem()) {
            String kind = "";
            String name = "";
            in.object();
            while (in.nextField()) {
                switch (in.name()) {
                    case "kind" -> kind = in.string();
                    case "name" -> name = in.string();
                    default -> in.skip();
                }
            }
            into.add(new RemovalReport.Item(kind, name));
        }
    }

    private static <T> T required(JsonReader in, String field, @Nullable T value) {
        if (value == null) {
            throw in.missing(field);
        }
        return value;
    }
}
