package dev.vmext.protocol.opamp;

import org.jspecify.annotations.Nullable;

/** The server could not handle a message; excludes all other fields of its envelope. */
public record ServerErrorResponse(
        ServerErrorType type, String errorMessage, @Nullable RetryInfo retryInfo) implements Message {
    @Override
    public void writeTo(ProtoWriter out) {
        out.enumeration(1, type.number());
        out.string(2, errorMessage);
        out.message(3, retryInfo);
    }

    static ServerErrorResponse read(ProtoReader in) {
        ServerErrorType type = ServerErrorType.UNKNOWN;
        String errorMessage = "";
        @Nullable RetryInfo retryInfo = null;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> type = ServerErrorType.of(in.enumeration());
                case 2 -> errorMessage = in.string();
                case 3 -> retryInfo = RetryInfo.read(in);
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new ServerErrorResponse(type, errorMessage, retryInfo);
    }
}
