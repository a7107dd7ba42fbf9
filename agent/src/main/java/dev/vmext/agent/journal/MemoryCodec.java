package dev.vmext.agent.journal;

import dev.vmext.protocol.Digest;
import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import dev.vmext.protocol.status.Cause;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@link Memory} to JSON and back; what is missing was never remembered. Pure. */
final class MemoryCodec {
    private MemoryCodec() {}

    static void encode(JsonWriter out, Memory memory) {
        out.object("memory").text("version", memory.version());
        EntryCodec.instant(out, "begun", memory.begun());
        out.number("order", memory.order()).number("ran", memory.ran()).number("done", memory.done());
        Hold hold = memory.hold();
        if (hold != null) {
            out.object("hold")
                    .text("version", hold.version())
                    .text("digest", hold.digest().text())
                    .text("until", hold.until().toString());
            EntryCodec.cause(out, "cause", hold.cause());
            out.end();
        }
        Purge purge = memory.purge();
        if (purge != null) {
            out.object("purge")
                    .bool("byOwner", purge.byOwner())
                    .strings("ignored", purge.ignored())
                    .end();
        }
        out.bool("evicted", memory.evicted());
        Trial trial = memory.trial();
        if (trial != null) {
            out.object("trial")
                    .text("until", trial.until().toString())
                    .bool("passed", trial.passed())
                    .end();
        }
        RebootRequest reboot = memory.reboot();
        if (reboot != null) {
            out.object("reboot")
                    .text("work", reboot.work())
                    .text("reason", reboot.reason())
                    .text("boot", reboot.boot());
            EntryCodec.instant(out, "restartedAt", reboot.restartedAt());
            out.end();
        }
        out.text("rebooted", memory.rebooted()).end();
    }

    static Memory decode(JsonReader in) {
        Memory memory = Memory.NONE;
        in.object();
        while (in.nextField()) {
            memory = switch (in.name()) {
                case "version" -> memory.withVersion(in.string());
                case "begun" -> memory.withBegun(in.instant());
                case "order" -> memory.withOrder(in.integer());
                case "ran" -> memory.withRan(in.integer());
                case "done" -> memory.withDone(in.integer());
                case "hold" -> memory.withHold(hold(in));
                case "purge" -> memory.withPurge(purge(in));
                case "evicted" -> memory.withEvicted(in.bool());
                case "trial" -> memory.withTrial(trial(in));
                case "reboot" -> memory.withReboot(reboot(in));
                case "rebooted" -> memory.withRebooted(in.string());
                default -> skipped(in, memory);
            };
        }
        return memory;
    }

    private static Memory skipped(JsonReader in, Memory memory) {
        in.skip();
        return memory;
    }

    private static Hold hold(JsonReader in) {
        String version = "";
        @Nullable Digest digest = null;
        @Nullable Cause cause = null;
        @Nullable Instant until = null;
        in.object();
        while (in.nextField()) {
            switch (in.name()) {
                case "version" -> version = in.string();
                case "digest" -> digest = in.digest();
                case "cause" -> cause = EntryCodec.readCause(in);
                case "until" -> until = in.instant();
                default -> in.skip();
            }
        }
        return new Hold(version, EntryCodec.required(digest), EntryCodec.required(cause), EntryCodec.required(until));
    }

    private static Purge purge(JsonReader in) {
        boolean byOwner = false;
        List<String> ignored = List.of();
        in.object();
        while (in.nextField()) {
            switch (in.name()) {
                case "byOwner" -> byOwner = in.bool();
                case "ignored" -> ignored = TraitsCodec.texts(in);
                default -> in.skip();
            }
        }
        return new Purge(byOwner, ignored);
    }

    private static Trial trial(JsonReader in) {
        @Nullable Instant until = null;
        boolean passed = false;
        in.object();
        while (in.nextField()) {
            switch (in.name()) {
                case "until" -> until = in.instant();
                case "passed" -> passed = in.bool();
                default -> in.skip();
            }
        }
        return new Trial(EntryCodec.required(until), passed);
    }

    private static RebootRequest reboot(JsonReader in) {
        String work = "";
        String reason = "";
        String boot = "";
        @Nullable Instant restartedAt = null;
        in.object();
        while (in.nextField()) {
            switch (in.name()) {
                case "work" -> work = in.string();
                case "reason" -> reason = in.string();
                case "boot" -> boot = in.string();
                case "restartedAt" -> restartedAt = in.instant();
                default -> in.skip();
            }
        }
        return new RebootRequest(work, reason, boot, restartedAt);
    }
}
