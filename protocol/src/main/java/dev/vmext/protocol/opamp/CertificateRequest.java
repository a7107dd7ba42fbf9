package dev.vmext.protocol.opamp;

/** A certificate signing request, PKCS#10 as PEM. */
public record CertificateRequest(Bytes csr) implements Message {
    @Override
    public void writeTo(ProtoWriter out) {
        out.bytes(1, csr);
    }

    static CertificateRequest read(ProtoReader in) {
        Bytes csr = Bytes.EMPTY;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> csr = in.bytes();
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new CertificateRequest(csr);
    }
}
