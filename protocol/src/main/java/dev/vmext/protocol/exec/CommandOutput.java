package dev.vmext.protocol.exec;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import dev.vmext.protocol.opamp.Bytes;
import java.util.Base64;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A piece of what a command wrote: payload of {@code vmext.exec/v1 output}. Pieces may come twice; the offset says where they belong.
 *
 * @param offset of the first byte in its stream
 * @param data at most {@value #MAX_DATA} bytes, as the command wrote them
 */
public record CommandOutput(String id, CommandStream stream, long offset, Bytes data) {
    public static final int MAX_DATA = 32 * 1024;
    /** Bytes of one command that may be on their way without an acknowledgement, both streams together. */
    public static final int WINDOW = 256 * 1024;

    private static final int MAX_BYTES = 64 * 1024;

    public CommandOutput {
        Objects.requireNonNull(id);
        Objects.requireNonNull(stream);
        if (offset < 0 || data.size() > MAX_DATA) {
            throw new IllegalArgumentException(
                    "no piece of output of " + id + ": " + data.size() + " bytes at " + offset);
        }
    }

    public byte[] encode() {
        return new JsonWriter()
                .text("id", id)
                .text("stream", stream.wire())
                .number("offset", offset)
                .text("data", Base64.getEncoder().encodeToString(data.toArray()))
                .toBytes();
    }

    /** Throws {@link dev.vmext.protocol.problem.ProblemException} for anything else. */
    public static CommandOutput decode(byte[] json) {
        JsonReader in = new JsonReader("the output of a command", json, MAX_BYTES);
        @Nullable String id = null;
        @Nullable CommandStream stream = null;
        long offset = -1;
        byte[] data = new byte[0];
        in.document();
        while (in.nextField()) {
            switch (in.name()) {
                case "id" -> id = in.string(64);
                case "stream" -> stream = stream(in);
                case "offset" -> offset = in.integer();
                case "data" -> data = bytes(in);
                default -> in.skip();
            }
        }
        in.end();
        if (id == null) {
            throw in.missing("id");
        }
        if (stream == null) {
            throw in.missing("stream");
        }
        if (offset < 0) {
            throw in.missing("offset");
        }
        if (data.length > MAX_DATA) {
            throw in.refused("a piece has at most " + MAX_DATA + " bytes");
        }
        return new CommandOutput(id, stream, offset, Bytes.of(data));
    }

    private static CommandStream stream(JsonReader in) {
        return switch (in.string(8)) {
            case "out" -> CommandStream.OUT;
            case "err" -> CommandStream.ERR;
            default -> throw in.refused("it must be out or err");
        };
    }

    private static byte[] bytes(JsonReader in) {
        try {
            return Base64.getDecoder().decode(in.string());
        } catch (IllegalArgumentException e) {
            throw in.refused("it must be base64");
        }
    }
}
