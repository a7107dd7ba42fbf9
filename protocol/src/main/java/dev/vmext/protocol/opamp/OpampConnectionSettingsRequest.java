package dev.vmext.protocol.opamp;

import org.jspecify.annotations.Nullable;

/** The agent asks for settings of this very connection. */
public record OpampConnectionSettingsRequest(@Nullable CertificateRequest certificateRequest) implements Message {
    @Override
    public void writeTo(ProtoWriter out) {
        out.message(1, certificateRequest);
    }

    static OpampConnectionSettingsRequest read(ProtoReader in) {
        @Nullable CertificateRequest certificateRequest = null;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> certificateRequest = CertificateRequest.read(in);
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new OpampConnectionSettingsRequest(certificateRequest);
    }
}
