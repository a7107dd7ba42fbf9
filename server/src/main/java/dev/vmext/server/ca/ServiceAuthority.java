package dev.vmext.server.ca;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;

/**
 * Signs certificates for services that run on machines. A root of its own, beside that of gateway and machines and never trusted by the
 * gateway: whoever trusts it trusts services, and what it signs is good for servers only. Its key is {@code ca/services.key}. Immutable
 * after opening, so any thread may issue.
 */
public final class ServiceAuthority {
    /** No certificate lives longer, whatever was asked for: the limit that browsers set. */
    public static final Duration LONGEST = Duration.ofDays(397);

    private static final Duration LIFE = Duration.ofDays(20 * 365 + 5);

    private final PrivateKey key;
    private final X509Certificate certificate;
    private final InstantSource clock;
    private final SecureRandom random;

    private ServiceAuthority(PrivateKey key, X509Certificate certificate, InstantSource clock, SecureRandom random) {
        this.key = key;
        this.certificate = certificate;
        this.clock = clock;
        this.random = random;
    }

    /**
     * What was issued.
     *
     * @param chain PEM: the certificate, then the authority's
     * @param serial lower-case hex
     */
    public record Issued(String chain, String serial, Instant notAfter) {}

    static ServiceAuthority open(Path folder, InstantSource clock, SecureRandom random) {
        Path keyFile = folder.resolve("services.key");
        Path certificateFile = folder.resolve("services.crt");
        if (!Files.exists(keyFile)) {
            KeyPair pair = CertificateAuthority.newKeyPair(random);
            X509Certificate made = selfSigned(pair, clock.instant(), random);
            PrivateFile.write(certificateFile, CertificateAuthority.pem(made).getBytes(StandardCharsets.US_ASCII));
            // Last: a start that is cut off between the two makes both again.
            PrivateFile.write(
                    keyFile,
                    Pem.write("PRIVATE KEY", pair.getPrivate().getEncoded()).getBytes(StandardCharsets.US_ASCII));
            return new ServiceAuthority(pair.getPrivate(), made, clock, random);
        }
        PrivateKey key = CertificateAuthority.readKey(keyFile);
        X509Certificate certificate = CertificateAuthority.readCertificate(certificateFile);
        if (!CertificateAuthority.belongTogether(key, certificate.getPublicKey())) {
            throw CertificateAuthority.unusable(keyFile, "it is not the key of services.crt", null);
        }
        return new ServiceAuthority(key, certificate, clock, random);
    }

    /** What clients of services are to trust, PEM. */
    public String certificatePem() {
        return CertificateAuthority.pem(certificate);
    }

    /**
     * Issues a certificate for exactly the names of the request, which the caller has found to be allowed.
     *
     * @param life at most {@link #LONGEST}
     */
    public Issued issue(ServiceRequest request, Duration life) {
        Instant now = clock.instant();
        Instant end = now.plus(life.compareTo(LONGEST) > 0 ? LONGEST : life);
        Instant last = certificate.getNotAfter().toInstant();
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded()),
                CertificateAuthority.serial(random),
                CertificateAuthority.date(now.minus(CertificateAuthority.BACKDATE)),
                CertificateAuthority.date(end.isBefore(last) ? end : last),
                new X500Name(new org.bouncycastle.asn1.x500.RDN[0]),
                request.key());
        try {
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(
                            request.key().getAlgorithm().equals("RSA")
                                    ? KeyUsage.digitalSignature | KeyUsage.keyEncipherment
                                    : KeyUsage.digitalSignature));
            builder.addExtension(
                    Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    extensions.createAuthorityKeyIdentifier(certificate.getPublicKey()));
            // The subject is empty, so the names are what it is about: critical, as RFC 5280 wants it.
            builder.addExtension(Extension.subjectAlternativeName, true, names(request.names()));
        } catch (NoSuchAlgorithmException | CertIOException e) {
            throw new IllegalStateException("fixed extensions can be encoded", e);
        }
        X509Certificate issued = CertificateAuthority.sign(builder, key);
        return new Issued(
                CertificateAuthority.pem(issued) + certificatePem(),
                issued.getSerialNumber().toString(16),
                issued.getNotAfter().toInstant());
    }

    private static GeneralNames names(List<String> names) {
        return new GeneralNames(names.stream()
                .map(name ->
                        new GeneralName(HostNames.isAddress(name) ? GeneralName.iPAddress : GeneralName.dNSName, name))
                .toArray(GeneralName[]::new));
    }

    /** One spelling for each address, so that texts can be compared; names stay as they are, in small letters. */
    public static String canonical(String name) {
        return HostNames.isAddress(name)
                ? InetAddress.ofLiteral(name).getHostAddress()
                : name.toLowerCase(java.util.Locale.ROOT);
    }

    private static X509Certificate selfSigned(KeyPair pair, Instant now, SecureRandom random) {
        byte[] tag = new byte[4];
        random.nextBytes(tag);
        X500Name name = new X500Name("CN=vmext services CA " + HexFormat.of().formatHex(tag));
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                name,
                CertificateAuthority.serial(random),
                CertificateAuthority.date(now.minus(CertificateAuthority.BACKDATE)),
                CertificateAuthority.date(now.plus(LIFE)),
                name,
                pair.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
            builder.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
        } catch (NoSuchAlgorithmException | CertIOException e) {
            throw new IllegalStateException("fixed extensions can be encoded", e);
        }
        return CertificateAuthority.sign(builder, pair.getPrivate());
    }
}
