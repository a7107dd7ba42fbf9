package dev.vmext.protocol.opamp;

/** How long to wait before coming back. */
public record RetryInfo(long retryAfterNanoseconds) implements Message {
    @Override
    public void writeTo(ProtoWriter out) {
        out.varint(1, retryAfterNanoseconds);
    }

    static RetryInfo read(ProtoReader in) {
        long retryAfterNanoseconds = 0;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> retryAfterNanoseconds = in.varint();
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new RetryInfo(retryAfterNanoseconds);
    }
}
