package dev.vmext.protocol.exec;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.StatusReportCodec;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a command ended: payload of {@code vmext.exec/v1 exit}. Sent after all output, and again until it is acknowledged.
 *
 * @param state a terminal one other than expired
 * @param code the exit code, when it ended by itself
 * @param out length of the standard output that is kept, {@code err} of the standard error
 * @param truncated whether there was more output than is kept
 * @param cause why, unless it ended by itself
 */
public record CommandExit(
        String id,
        CommandState state,
        @Nullable Integer code,
        long out,
        long err,
        boolean truncated,
        @Nullable Cause cause) {
    private static final int MAX_BYTES = 64 * 1024;
    private static final int LONGEST_TEXT = 4096;

    public CommandExit {
        Objects.requireNonNull(id);
        if (!state.terminal() || state == CommandState.EXPIRED) {
            throw new IllegalArgumentException("a command does not end as " + state);
        }
    }

    public byte[] encode() {
        JsonWriter json = new JsonWriter().text("id", id).text("state", state.wire());
        Integer known = code;
        if (known != null) {
            json.number("code", known);
        }
        json.number("out", out).number("err", err).bool("truncated", truncated);
        Cause why = cause;
        if (why != null) {
            StatusReportCodec.writeCause(json, why, LONGEST_TEXT);
        }
        return json.toBytes();
    }

    /** Throws {@link dev.vmext.protocol.problem.ProblemException} for anything else. */
    public static CommandExit decode(byte[] json) {
        JsonReader in = new JsonReader("the end of a command", json, MAX_BYTES);
        @Nullable String id = null;
        @Nullable CommandState state = null;
        @Nullable Integer code = null;
        long out = 0;
        long err = 0;
        boolean truncated = false;
        @Nullable Cause cause = null;
        in.document();
        while (in.nextField()) {
            switch (in.name()) {
                case "id" -> id = in.string(64);
                case "state" ->
                    state = CommandState.find(in.string(64))
                            .filter(one -> one.terminal() && one != CommandState.EXPIRED)
                            .orElseThrow(() -> in.refused("a command does not end so"));
                case "code" -> code = in.smallInteger();
                case "out" -> out = in.integer();
                case "err" -> err = in.integer();
                case "truncated" -> truncated = in.bool();
                case "cause" -> cause = StatusReportCodec.readCause(in);
                default -> in.skip();
            }
        }
        in.end();
        if (id == null) {
            throw in.missing("id");
        }
        if (state == null) {
            throw in.missing("state");
        }
        return new CommandExit(id, state, code, out, err, truncated, cause);
    }
}
