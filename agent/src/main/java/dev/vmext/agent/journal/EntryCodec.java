package dev.vmext.agent.journal;

import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.protocol.status.StatusReportCodec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Entries to JSON and back; unknown fields are ignored. Pure. */
final class EntryCodec {
    private static final int MAX_BYTES = 1 << 20;

    private EntryCodec() {}

    static byte[] encode(Entry entry) {
        JsonWriter out = new JsonWriter().text("name", entry.name()).text("extension", entry.extension());
        target(out, entry.target());
        deployed(out, "current", entry.current());
        deployed(out, "next", entry.next());
        Previous previous = entry.previous();
        if (previous != null) {
            out.object("previous")
                    .text("version", previous.version())
                    .text("digest", previous.digest().text())
                    .number("sequence", previous.sequence())
                    .end();
        }
        cause(out, "returning", entry.returning());
        Failure failure = entry.failure();
        if (failure != null) {
            out.object("failure").text("state", failure.state().wire());
            cause(out, "cause", failure.cause());
            instant(out, "retryAt", failure.retryAt());
            out.end();
        }
        Intent intent = entry.intent();
        if (intent != null) {
            out.object("intent");
            step(out, intent.step());
            out.text("run", intent.run());
            instant(out, "startedAt", intent.startedAt());
            instant(out, "deadline", intent.deadline());
            out.text("boot", intent.boot());
            target(out, intent.target());
            cause(out, "stop", intent.stop());
            out.end();
        }
        instant(out, "settleBy", entry.settleBy());
        MemoryCodec.encode(out, entry.memory());
        return out.text("status", new String(StatusReportCodec.encode(entry.status()), StandardCharsets.UTF_8))
                .toBytes();
    }

    private static void target(JsonWriter out, Target target) {
        out.object("target")
                .text("digest", target.digest().text())
                .number("sequence", target.sequence())
                .text("presence", target.presence().wire())
                .end();
    }

    static void instant(JsonWriter out, String name, @Nullable Instant instant) {
        if (instant != null) {
            out.text(name, instant.toString());
        }
    }

    private static void deployed(JsonWriter out, String name, @Nullable Deployed deployed) {
        if (deployed == null) {
            return;
        }
        out.object(name)
                .text("version", deployed.version())
                .text("digest", deployed.digest().text())
                .object("traits");
        TraitsCodec.encode(out, deployed.traits());
        out.end()
                .bool("installed", deployed.installed())
                .bool("updated", deployed.updated())
                .bool("enabled", deployed.enabled())
                .bool("stateCopied", deployed.stateCopied())
                .number("settingsSequence", deployed.settingsSequence())
                .number("enabledSequence", deployed.enabledSequence())
                .text("enabledBoot", deployed.enabledBoot())
                .text("oldDisableExit", deployed.oldDisableExit())
                .text("oldUninstallExit", deployed.oldUninstallExit())
                .end();
    }

    static void cause(JsonWriter out, String name, @Nullable Cause cause) {
        if (cause != null) {
            out.object(name)
                    .text("kind", cause.kind().wire())
                    .text("step", cause.step())
                    .text("message", cause.message())
                    .text("hint", cause.hint())
                    .strings("evidence", cause.evidence())
                    .end();
        }
    }

    private static void step(JsonWriter out, Step step) {
        switch (step) {
            case Step.Fetch(Digest digest) -> out.text("step", "fetch").text("digest", digest.text());
            case Step.Unpack(Digest digest, String version) ->
                out.text("step", "unpack").text("digest", digest.text()).text("version", version);
            case Step.WriteSettings(Slot slot, long sequence) ->
                out.text("step", "settings").text("slot", slot.name()).number("sequence", sequence);
            case Step.KeepOld _ -> out.text("step", "keep");
            case Step.CopyState _ -> out.text("step", "copy-state");
            case Step.RestoreOld _ -> out.text("step", "restore");
            case Step.Run(Slot slot, HandlerCommand command, Slot code) ->
                out.text("step", "run")
                        .text("slot", slot.name())
                        .text("command", command.name())
                        .text("code", code.name());
            case Step.Adopt(Slot slot) -> out.text("step", "adopt").text("slot", slot.name());
            case Step.Remove(Slot slot) -> out.text("step", "remove").text("slot", slot.name());
            case Step.Forget _ -> out.text("step", "forget");
        }
    }

    static Entry decode(byte[] json) {
        JsonReader in = new JsonReader("the journal", json, MAX_BYTES);
        String name = null;
        String extension = null;
        Target target = null;
        Deployed current = null;
        Deployed next = null;
        Previous previous = null;
        Cause returning = null;
        Failure failure = null;
        Intent intent = null;
        Instant settleBy = null;
        Memory memory = Memory.NONE;
        InstallationStatus status = null;
        in.document();
        while (in.nextField()) {
            switch (in.name()) {
                case "name" -> name = in.string();
                case "extension" -> extension = in.string();
                case "target" -> target = readTarget(in);
                case "current" -> current = readDeployed(in);
                case "next" -> next = readDeployed(in);
                case "previous" -> previous = readPrevious(in);
                case "returning" -> returning = readCause(in);
                case "failure" -> failure = readFailure(in);
                case "intent" -> intent = readIntent(in);
                case "settleBy" -> settleBy = in.instant();
                case "memory" -> memory = MemoryCodec.decode(in);
                case "status" -> status = StatusReportCodec.decode(in.string().getBytes(StandardCharsets.UTF_8));
                default -> in.skip();
            }
        }
        in.end();
        return new Entry(
                required(name),
                required(extension),
                required(target),
                current,
                next,
                previous,
                returning,
                failure,
                intent,
                settleBy,
                memory,
                required(status));
    }

    private static Target readTarget(JsonReader in) {
        Digest digest = null;
        long sequence = 0;
        Presence presence = Presence.PRESENT;
        in.object();
        while (in.nextField()) {
            switch (in.name()) {
                case "digest" -> digest = in.digest();
                case "sequence" -> sequence = in.integer();
                case "presence" ->
                    presence = in.string().equals(Presence.ABSENT.wire()) ? Presence.ABSENT : Presence.PRESENT;
                default -> in.skip();
            }
        }
        return new Target(required(digest), sequence, presence);
    }

    private static Deployed readDeployed(JsonReader in) {
        String version = null;
        Digest digest = null;
        Traits traits = null;
        boolean installed = false;
        boolean updated = false;
        boolean enabled = false;
        boolean stateCopied = false;
        long settingsSequence = -1;
        long enabledSequence = -1;
        String enabledBoot = "";
        String oldDisableExit = Deployed.NOT_RUN;
        String oldUninstallExit = Deployed.NOT_RUN;
        in.object();
        while (in.nextField()) {
            switch (in.name()) {
                case "version" -> version = in.string();
                case "digest" -> digest = in.digest();
                case "traits" -> traits = TraitsCodec.decode(in);
                case "installed" -> installed = in.bool();
                case "updated" -> updated = in.bool();
                case "enabled" -> enabled = in.bool();
                case "stateCopied" -> stateCopied = in.bool();
                case "settingsSequence" -> settingsSequence = in.integer();
                case "enabledSequence" -> enabledSequence = in.integer();
                case "enabledBoot" -> enabledBoot = in.string();
                case "oldDisableExit" -> oldDisableExit = in.string();
                case "oldUninstallExit" -> oldUninstallExit = in.string();
                default -> in.skip();
            }
        }
        return new Deployed(
                required(version),
                required(digest),
                required(traits),
                installed,
                updated,
                enabled,
                stateCopied,
                settingsSequence,
                enabledSequence,
                enabledBoot,
                oldDisableExit,
                oldUninstallExit);
    }

    private static Previous readPrevious(JsonReader in) {
        String version = null;
        Digest digest = null;
        long sequence = 0;
        in.object();
        while (in.nextField()) {
            switch (in.name()) {
                case "version" -> version = in.string();
                case "digest" -> digest = in.digest();
                case "sequence" -> sequence = in.integer();
                default -> in.skip();
            }
        }
        return new Previous(required(version), required(digest), sequence);
    }

    static Cause readCause(JsonReader in) {
        CauseClass kind = CauseClass.AGENT;
        String step = "";
        String message = "";
        String hint = "";
        Map<String, String> evidence = Map.of();
        in.object();
        while (in.nextField()) {
            switch (in.name()) {
                case "kind" -> kind = CauseClass.find(in.string()).orElse(CauseClass.AGENT);
                case "step" -> step = in.string();
                case "message" -> message = in.string();
                case "hint" -> hint = in.string();
                case "evidence" -> evidence = in.strings();
                default -> in.skip();
            }
        }
        return new Cause(kind, step, message, hint, evidence);
    }

    private static Failure readFailure(JsonReader in) {
        InstallationState state = InstallationState.FAILED;
        Cause cause = null;
        Instant retryAt = null;
        in.object();
        while (in.nextField()) {
            switch (in.name()) {
                case "state" -> state = InstallationState.find(in.string()).orElse(InstallationState.FAILED);
                case "cause" -> cause = readCause(in);
                case "retryAt" -> retryAt = in.instant();
                default -> in.skip();
            }
        }
        return new Failure(state, required(cause), retryAt);
    }

    private static Intent readIntent(JsonReader in) {
        String word = "";
        Digest digest = null;
        String version = "";
        Slot slot = Slot.CURRENT;
        Slot code = Slot.CURRENT;
        HandlerCommand command = HandlerCommand.ENABLE;
        long sequence = 0;
        String run = "";
        Instant startedAt = null;
        Instant deadline = null;
        String boot = "";
        Target target = null;
        Cause stop = null;
        in.object();
        while (in.nextField()) {
            switch (in.name()) {
                case "step" -> word = in.string();
                case "digest" -> digest = in.digest();
                case "version" -> version = in.string();
                case "slot" -> slot = Slot.valueOf(in.string());
                case "code" -> code = Slot.valueOf(in.string());
                case "command" -> command = HandlerCommand.valueOf(in.string());
                case "sequence" -> sequence = in.integer();
                case "run" -> run = in.string();
                case "startedAt" -> startedAt = in.instant();
                case "deadline" -> deadline = in.instant();
                case "boot" -> boot = in.string();
                case "target" -> target = readTarget(in);
                case "stop" -> stop = readCause(in);
                default -> in.skip();
            }
        }
        Step step = switch (word) {
            case "fetch" -> new Step.Fetch(required(digest));
            case "unpack" -> new Step.Unpack(required(digest), version);
            case "settings" -> new Step.WriteSettings(slot, sequence);
            case "keep" -> new Step.KeepOld();
            case "copy-state" -> new Step.CopyState();
            case "restore" -> new Step.RestoreOld();
            case "run" -> new Step.Run(slot, command, code);
            case "adopt" -> new Step.Adopt(slot);
            case "remove" -> new Step.Remove(slot);
            case "forget" -> new Step.Forget();
            default -> throw in.refused("this version does not know the step " + word);
        };
        return new Intent(step, run, required(startedAt), required(deadline), boot, required(target), stop);
    }

    static <T> T required(@Nullable T value) {
        return Objects.requireNonNull(value, "a journal entry lacks a field");
    }
}
