package dev.vmext.protocol.opamp;

/** A client certificate and the authority to trust, all PEM. The private key stays empty when the agent made its own. */
public record TlsCertificate(Bytes cert, Bytes privateKey, Bytes caCert) implements Message {
    @Override
    public void writeTo(ProtoWriter out) {
        out.bytes(1, cert);
        out.bytes(2, privateKey);
        out.bytes(3, caCert);
    }

    static TlsCertificate read(ProtoReader in) {
        Bytes cert = Bytes.EMPTY;
        Bytes privateKey = Bytes.EMPTY;
        Bytes caCert = Bytes.EMPTY;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> cert = in.bytes();
                case 2 -> privateKey = in.bytes();
                case 3 -> caCert = in.bytes();
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new TlsCertificate(cert, privateKey, caCert);
    }
}
