package dev.vmext.protocol.status;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The status of one installation to JSON and back: payload of custom capability {@code vmext.status/v1}, and what the agent keeps in
 * its journal. Pure functions, any thread.
 */
public final class StatusReportCodec {
    /** A report is never larger; texts are cut until it fits. */
    public static final int MAX_BYTES = 64 * 1024;

    private static final int FORMAT = 1;
    private static final String CUT = " ... [TRUNCATED]";
    private static final int FIRST_CUT = 16 * 1024;

    private StatusReportCodec() {}

    /** Cuts the longest texts, then the number of substatuses, when the report would be larger than allowed. */
    public static byte[] encode(InstallationStatus status) {
        byte[] json = write(status, Integer.MAX_VALUE);
        for (int longest = FIRST_CUT; json.length > MAX_BYTES && longest >= 8; longest /= 2) {
            json = write(status, longest);
        }
        if (json.length > MAX_BYTES) {
            throw new IllegalStateException("names in the status of " + status.name() + " are too long to report it");
        }
        return json;
    }

    /**
     * What a peer of this capability level can read: newer words become the nearest older ones, newer parts are left out.
     *
     * @param level at least 1
     */
    public static byte[] encode(InstallationStatus status, int level) {
        Cause cause = status.cause();
        return level >= 2
                ? encode(status)
                : encode(new InstallationStatus(
                        status.name(),
                        status.extension(),
                        status.version(),
                        status.state(),
                        status.generation(),
                        status.sequence(),
                        status.healthy(),
                        cause == null
                                ? null
                                : new Cause(
                                        cause.kind().at(level),
                                        cause.step(),
                                        cause.message(),
                                        cause.hint(),
                                        cause.evidence()),
                        status.status(),
                        status.output(),
                        status.exitCode(),
                        status.attempt(),
                        status.since(),
                        status.at(),
                        StatusDetail.NONE));
    }

    /** Unknown keys are ignored; everything else that does not fit is a problem with the place in its detail. */
    public static InstallationStatus decode(byte[] json) {
        JsonReader in = new JsonReader("the status report", json, MAX_BYTES);
        String name = null;
        String extension = null;
        String version = null;
        InstallationState state = null;
        long generation = -1;
        long sequence = -1;
        boolean healthy = false;
        Cause cause = null;
        HandlerStatus status = null;
        String output = "";
        Integer exitCode = null;
        int attempt = 1;
        Instant since = null;
        Instant at = null;
        StatusDetail detail = StatusDetail.NONE;
        in.document();
        while (in.nextField()) {
            switch (in.name()) {
                case "v" -> {
                    if (in.integer() != FORMAT) {
                        throw in.refused("its format is not known to this version");
                    }
                }
                case "name" -> name = in.string(64);
                case "extension" -> extension = in.string(128);
                case "version" -> version = in.stringOrNull();
                case "state" -> state = state(in);
                case "goal" -> generation = in.integer();
                case "seq" -> sequence = in.integer();
                case "healthy" -> healthy = in.bool();
                case "cause" -> cause = in.isNull() ? null : readCause(in);
                case "status" -> status = in.isNull() ? null : readHandlerStatus(in);
                case "output" -> output = in.string();
                case "exitCode" -> exitCode = in.isNull() ? null : (Integer) in.smallInteger();
                case "attempt" -> attempt = in.smallInteger();
                case "since" -> since = in.instant();
                case "at" -> at = in.instant();
                case "detail" -> detail = StatusDetailCodec.read(in);
                default -> in.skip();
            }
        }
        in.end();
        if (generation < 0) {
            throw in.missing("goal");
        }
        if (sequence < 0) {
            throw in.missing("seq");
        }
        return new InstallationStatus(
                required(in, "name", name),
                required(in, "extension", extension),
                version,
                required(in, "state", state),
                generation,
                sequence,
                healthy,
                cause,
                status,
                output,
                exitCode,
                attempt,
                required(in, "since", since),
                required(in, "at", at),
                detail);
    }

    private static byte[] write(InstallationStatus status, int longest) {
        JsonWriter out = new JsonWriter()
                .number("v", FORMAT)
                .text("name", status.name())
                .text("extension", status.extension())
                .textIfAny("version", status.version())
                .text("state", status.state().wire())
                .number("goal", status.generation())
                .number("seq", status.sequence())
                .bool("healthy", status.healthy());
        Cause cause = status.cause();
        if (cause != null) {
            writeCause(out, cause, longest);
        }
        HandlerStatus handler = status.status();
        if (handler != null) {
            writeHandlerStatus(out, handler, longest);
        }
        // Of the output the end is what explains a failure.
        String output = status.output();
        out.text("output", output.length() > longest ? output.substring(output.length() - longest) : output);
        Integer exitCode = status.exitCode();
        if (exitCode != null) {
            out.number("exitCode", exitCode);
        }
        out.number("attempt", status.attempt())
                .text("since", status.since().toString())
                .text("at", status.at().toString());
        StatusDetailCodec.write(out, status.detail(), longest);
        return out.toBytes();
    }

    /**
     * Writes the field {@code cause}.
     *
     * @param longest characters of a text that are written
     */
    public static void writeCause(JsonWriter out, Cause cause, int longest) {
        out.object("cause")
                .text("kind", cause.kind().wire())
                .text("step", cut(cause.step(), longest))
                .text("message", cut(cause.message(), longest))
                .text("hint", cut(cause.hint(), longest))
                .object("evidence");
        for (Map.Entry<String, String> entry : first(cause.evidence(), longest).entrySet()) {
            out.text(entry.getKey(), cut(entry.getValue(), longest));
        }
        out.end().end();
    }

    private static void writeHandlerStatus(JsonWriter out, HandlerStatus handler, int longest) {
        out.object("status")
                .text("operation", cut(handler.operation(), longest))
                .text("status", handler.status().wire())
                .text("code", cut(handler.code(), longest))
                .text("message", cut(handler.message(), longest))
                .array("substatus");
        int left = longest;
        for (HandlerStatus.Substatus part : handler.substatus()) {
            if (left-- == 0) {
                break;
            }
            out.object()
                    .text("name", cut(part.name(), longest))
                    .text("status", part.status().wire())
                    .text("code", cut(part.code(), longest))
                    .text("message", cut(part.message(), longest))
                    .end();
        }
        out.end().end();
    }

    /** Reads the present value as what {@link #writeCause} wrote. */
    public static Cause readCause(JsonReader in) {
        CauseClass kind = null;
        String step = "";
        String message = "";
        String hint = "";
        Map<String, String> evidence = Map.of();
        in.object();
        while (in.nextField()) {
            switch (in.name()) {
                case "kind" -> {
                    kind = CauseClass.find(in.string(64)).orElse(null);
                    if (kind == null) {
                        throw in.refused("this version does not know such a cause");
                    }
                }
                case "step" -> step = in.string();
                case "message" -> message = in.string();
                case "hint" -> hint = in.string();
                case "evidence" -> evidence = in.strings();
                default -> in.skip();
            }
        }
        return new Cause(required(in, "kind", kind), step, message, hint, evidence);
    }

    private static HandlerStatus readHandlerStatus(JsonReader in) {
        String operation = "";
        StatusWord word = null;
        String code = "";
        String message = "";
        List<HandlerStatus.Substatus> substatus = new ArrayList<>();
        in.object();
        while (in.nextField()) {
            switch (in.name()) {
                case "operation" -> operation = in.string();
                case "status" -> word = statusWord(in);
                case "code" -> code = in.string();
                case "message" -> message = in.string();
                case "substatus" -> {
                    in.array();
                    while (in.nextItem()) {
                        substatus.add(readSubstatus(in));
                    }
                }
                default -> in.skip();
            }
        }
        return new HandlerStatus(operation, required(in, "status", word), code, message, substatus);
    }

    private static HandlerStatus.Substatus readSubstatus(JsonReader in) {
        String name = "";
        StatusWord word = null;
        String code = "";
        String message = "";
        in.object();
        while (in.nextField()) {
            switch (in.name()) {
                case "name" -> name = in.string();
                case "status" -> word = statusWord(in);
                case "code" -> code = in.string();
                case "message" -> message = in.string();
                default -> in.skip();
            }
        }
        return new HandlerStatus.Substatus(name, required(in, "status", word), code, message);
    }

    private static InstallationState state(JsonReader in) {
        InstallationState state = InstallationState.find(in.string(64)).orElse(null);
        if (state == null) {
            throw in.refused("this version does not know such a state");
        }
        return state;
    }

    private static StatusWord statusWord(JsonReader in) {
        StatusWord word = StatusWord.find(in.string(64)).orElse(null);
        if (word == null) {
            throw in.refused("it must be transitioning, warning, error or success");
        }
        return word;
    }

    static String cut(String text, int longest) {
        if (text.length() <= longest) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(longest - 1)) ? longest - 1 : longest;
        return text.substring(0, end) + CUT;
    }

    /** In key order, so that the same status always gives the same bytes. Keys are dropped, not cut: two could become one. */
    private static Map<String, String> first(Map<String, String> entries, int longest) {
        TreeMap<String, String> sorted = new TreeMap<>(entries);
        sorted.keySet().removeIf(key -> key.length() > longest);
        while (sorted.size() > longest) {
            sorted.pollLastEntry();
        }
        return sorted;
    }

    private static <T> T required(JsonReader in, String field, @Nullable T value) {
        if (value == null) {
            throw in.missing(field);
        }
        return value;
    }
}
