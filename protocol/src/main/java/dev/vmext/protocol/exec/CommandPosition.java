package dev.vmext.protocol.exec;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How much of a command's output the control plane has for good: payload of {@code vmext.exec/v1 ack}, and of {@code resume}, after
 * which the machine continues from there.
 *
 * @param out bytes of standard output, {@code err} of standard error
 * @param ended true when the exit is stored too: the machine may forget the output
 */
public record CommandPosition(String id, long out, long err, boolean ended) {
    private static final int MAX_BYTES = 1024;

    public CommandPosition {
        Objects.requireNonNull(id);
        if (out < 0 || err < 0) {
            throw new IllegalArgumentException("no position in the output of " + id + ": " + out + ", " + err);
        }
    }

    public long of(CommandStream stream) {
        return stream == CommandStream.OUT ? out : err;
    }

    public byte[] encode() {
        return new JsonWriter()
                .text("id", id)
                .number("out", out)
                .number("err", err)
                .bool("ended", ended)
                .toBytes();
    }

    /** Throws {@link dev.vmext.protocol.problem.ProblemException} for anything else. */
    public static CommandPosition decode(byte[] json) {
        JsonReader in = new JsonReader("the position in a command's output", json, MAX_BYTES);
        @Nullable String id = null;
        long out = 0;
        long err = 0;
        boolean ended = false;
        in.document();
        while (in.nextField()) {
            switch (in.name()) {
                case "id" -> id = in.string(64);
                case "out" -> out = in.integer();
                case "err" -> err = in.integer();
                case "ended" -> ended = in.bool();
                default -> in.skip();
            }
        }
        in.end();
        if (id == null) {
            throw in.missing("id");
        }
        if (out < 0 || err < 0) {
            throw in.refused("a position must not be negative");
        }
        return new CommandPosition(id, out, err, ended);
    }
}
