package dev.vmext.server.seal;

import dev.vmext.server.ca.MachineKeys;
import dev.vmext.server.ca.Pem;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cms.CMSEnvelopedData;
import org.bouncycastle.cms.jcajce.JceKeyTransEnvelopedRecipient;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A machine's settings key, for tests. */
public record SettingsCertificates(KeyPair keys, String pem) {
    public static SettingsCertificates make() throws Exception {
        KeyPair keys = MachineKeys.rsa();
        X500Name name = new X500Name("CN=vmext settings");
        byte[] der = new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.TWO,
                        Date.from(Instant.EPOCH),
                        Date.from(Instant.parse("2040-01-01T00:00:00Z")),
                        name,
                        keys.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withRSA").build(keys.getPrivate()))
                .getEncoded();
        return new SettingsCertificates(keys, Pem.write("CERTIFICATE", der));
    }

    /** What the holder of the key reads in a base64 CMS envelope. */
    public String decrypt(String cms) throws Exception {
        return new String(
                new CMSEnvelopedData(Base64.getDecoder().decode(cms))
                        .getRecipientInfos()
                        .iterator()
                        .next()
                        .getContent(new JceKeyTransEnvelopedRecipient(keys.getPrivate())),
                StandardCharsets.UTF_8);
    }
}
