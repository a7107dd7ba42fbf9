package dev.vmext.protocol.opamp;

import org.jspecify.annotations.Nullable;

/** The agent asks for connection settings. */
public record ConnectionSettingsRequest(@Nullable OpampConnectionSettingsRequest opamp) implements Message {
    @Override
    public void writeTo(ProtoWriter out) {
        out.message(1, opamp);
    }

    static ConnectionSettingsRequest read(ProtoReader in) {
        @Nullable OpampConnectionSettingsRequest opamp = null;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> opamp = OpampConnectionSettingsRequest.read(in);
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new ConnectionSettingsRequest(opamp);
    }
}
