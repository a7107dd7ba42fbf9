package dev.vmext.systemtests.link;

import dev.vmext.server.ca.CertificateAuthority;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.UUID;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Certificates that look right and come from somebody else. */
final class Forged {
    private Forged() {}

    /** A certificate for this machine by an authority that is not its own; as PEM. */
    static String certificate(CertificateAuthority authority, String machineId) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair keys = generator.generateKeyPair();
        byte[] der = new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=x"), keys.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
                .getEncoded();
        StringWriter pem = new StringWriter();
        pem.append("-----BEGIN CERTIFICATE REQUEST-----\n")
                .append(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der))
                .append("\n-----END CERTIFICATE REQUEST-----\n");
        return authority
                .issue(UUID.fromString(machineId), pem.toString().getBytes(StandardCharsets.US_ASCII))
                .pem();
    }
}
