package dev.vmext.protocol.opamp;

import java.util.ArrayList;
import java.util.List;

/** HTTP headers, in order. */
public record Headers(List<Header> headers) implements Message {
    public Headers {
        headers = List.copyOf(headers);
    }

    @Override
    public void writeTo(ProtoWriter out) {
        out.messages(1, headers);
    }

    static Headers read(ProtoReader in) {
        List<Header> headers = new ArrayList<>();
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> headers.add(Header.read(in));
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new Headers(headers);
    }
}
