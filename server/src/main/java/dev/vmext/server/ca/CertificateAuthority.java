package dev.vmext.server.ca;

import dev.vmext.protocol.Digest;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import java.util.UUID;
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
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The key that makes the gateway and the machines of one control plane trust each other. Made once in {@code VMEXT_HOME/ca}; whoever
 * has {@code ca.key} can pass for any of them. Immutable after opening, so any thread may issue.
 */
public final class CertificateAuthority {
    /** Guest clocks are often behind: whatever is issued is valid from an hour ago. */
    static final Duration BACKDATE = Duration.ofHours(1);

    static final Duration MACHINE_LIFE = Duration.ofDays(30);
    private static final Duration CA_LIFE = Duration.ofDays(20 * 365 + 5);
    private static final String SIGNATURE = "SHA256withECDSA";

    private final PrivateKey key;
    private final X509Certificate certificate;
    private final InstantSource clock;
    private final SecureRandom random;
    private final ServiceAuthority services;

    private CertificateAuthority(
            PrivateKey key,
            X509Certificate certificate,
            ServiceAuthority services,
            InstantSource clock,
            SecureRandom random) {
        this.key = key;
        this.certificate = certificate;
        this.services = services;
        this.clock = clock;
        this.random = random;
    }

    /** Opens the authority in this folder ({@code VMEXT_HOME/ca}), making it when there is none. */
    public static CertificateAuthority open(Path folder, InstantSource clock, SecureRandom random) {
        Path keyFile = folder.resolve("ca.key");
        Path certificateFile = folder.resolve("ca.crt");
        if (!Files.exists(keyFile)) {
            // A start that was cut off between the two files left a certificate that nothing was made from: that one is
            // made again.
            if (Files.exists(folder.resolve("gateway.crt"))) {
                throw unusable(keyFile, "it is missing", null);
            }
            KeyPair pair = newKeyPair(random);
            X509Certificate made = selfSigned(pair, clock.instant(), random);
            PrivateFile.write(certificateFile, pem(made).getBytes(StandardCharsets.US_ASCII));
            PrivateFile.write(
                    keyFile,
                    Pem.write("PRIVATE KEY", pair.getPrivate().getEncoded()).getBytes(StandardCharsets.US_ASCII));
            return new CertificateAuthority(
                    pair.getPrivate(), made, ServiceAuthority.open(folder, clock, random), clock, random);
        }
        PrivateKey key = readKey(keyFile);
        X509Certificate certificate = readCertificate(certificateFile);
        if (!belongTogether(key, certificate.getPublicKey())) {
            throw unusable(keyFile, "it is not the key of ca.crt", null);
        }
        return new CertificateAuthority(key, certificate, ServiceAuthority.open(folder, clock, random), clock, random);
    }

    /** The other authority of this control plane, for services on machines. Nothing it signs lets anybody pass for a machine. */
    public ServiceAuthority services() {
        return services;
    }

    public X509Certificate certificate() {
        return certificate;
    }

    public String certificatePem() {
        return pem(certificate);
    }

    /** What an enrolment line carries, so that a machine trusts this authority and no other. */
    public Digest caDigest() {
        return Digest.of(encoded(certificate));
    }

    /**
     * Issues a certificate for this machine and the key in the request. Names in the request are ignored: a machine is who the
     * control plane says it is.
     *
     * @param request a PKCS#10 request, PEM
     */
    public ClientCertificate issue(UUID machine, byte[] request) {
        PublicKey publicKey = SigningRequest.publicKey(request);
        Instant now = clock.instant();
        X509v3CertificateBuilder builder =
                builder(publicKey, new X500Name("CN=" + machine), now.minus(BACKDATE), now.plus(MACHINE_LIFE));
        try {
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    true,
                    new GeneralNames(
                            new GeneralName(GeneralName.uniformResourceIdentifier, ClientCertificate.URN + machine)));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(
                    Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth));
        } catch (CertIOException e) {
            throw new IllegalStateException("fixed extensions can be encoded", e);
        }
        return ClientCertificate.read(sign(builder))
                .orElseThrow(() -> new IllegalStateException("an issued certificate names its machine"));
    }

    /** The digest of the key that a request is for; refuses what {@link #issue} would refuse. */
    public Digest requestedKey(byte[] request) {
        return Digest.of(SigningRequest.publicKey(request).getEncoded());
    }

    /** Whether this authority signed the certificate. Says nothing about expiry, purpose or revocation. */
    boolean signed(X509Certificate candidate) {
        if (!candidate.getIssuerX500Principal().equals(certificate.getSubjectX500Principal())) {
            return false;
        }
        try {
            candidate.verify(certificate.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** A certificate for a server of this control plane. */
    X509Certificate issueServer(PublicKey publicKey, GeneralNames names, Duration life) {
        Instant now = clock.instant();
        X509v3CertificateBuilder builder =
                builder(publicKey, new X500Name("CN=vmext gateway"), now.minus(BACKDATE), now.plus(life));
        try {
            builder.addExtension(Extension.subjectAlternativeName, false, names);
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(
                    Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
        } catch (CertIOException e) {
            throw new IllegalStateException("fixed extensions can be encoded", e);
        }
        return sign(builder);
    }

    KeyPair newKeyPair() {
        return newKeyPair(random);
    }

    Instant now() {
        return clock.instant();
    }

    private X509v3CertificateBuilder builder(PublicKey publicKey, X500Name subject, Instant from, Instant to) {
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded()),
                serial(random),
                date(from),
                date(to),
                subject,
                publicKey);
        try {
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    extensions.createAuthorityKeyIdentifier(certificate.getPublicKey()));
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(publicKey));
            return builder;
        } catch (NoSuchAlgorithmException | CertIOException e) {
            throw new IllegalStateException("fixed extensions can be encoded", e);
        }
    }

    private X509Certificate sign(X509v3CertificateBuilder builder) {
        return sign(builder, key);
    }

    static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key) {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key)));
        } catch (CertificateException | OperatorCreationException e) {
            throw new IllegalStateException("every Java runtime signs with " + SIGNATURE, e);
        }
    }

    private static X509Certificate selfSigned(KeyPair pair, Instant now, SecureRandom random) {
        byte[] tag = new byte[4];
        random.nextBytes(tag);
        // A name of its own, so that a machine that knows two control planes finds the right authority by name.
        X500Name name = new X500Name("CN=vmext gateway CA " + HexFormat.of().formatHex(tag));
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                name, serial(random), date(now.minus(BACKDATE)), date(now.plus(CA_LIFE)), name, pair.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
        } catch (NoSuchAlgorithmException | CertIOException e) {
            throw new IllegalStateException("fixed extensions can be encoded", e);
        }
        return sign(builder, pair.getPrivate());
    }

    static KeyPair newKeyPair(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException e) {
            throw new IllegalStateException("every Java runtime has P-256", e);
        }
    }

    /** 128 random bits; the highest is set, so that the number is positive and never short. */
    static BigInteger serial(SecureRandom random) {
        return new BigInteger(127, random).setBit(127);
    }

    static Date date(Instant time) {
        return Date.from(time.truncatedTo(ChronoUnit.SECONDS));
    }

    static boolean belongTogether(PrivateKey key, PublicKey publicKey) {
        try {
            byte[] text = "vmext".getBytes(StandardCharsets.US_ASCII);
            Signature signature = Signature.getInstance(SIGNATURE);
            signature.initSign(key);
            signature.update(text);
            byte[] proof = signature.sign();
            signature.initVerify(publicKey);
            signature.update(text);
            return signature.verify(proof);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    static PrivateKey readKey(Path file) {
        byte[] text = PrivateFile.read(file);
        try {
            byte[] der = Pem.read("PRIVATE KEY", text).orElseThrow(() -> unusable(file, "it is not a PEM key", null));
            PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
            Arrays.fill(der, (byte) 0);
            return key;
        } catch (GeneralSecurityException e) {
            throw unusable(file, "it is not an EC key in PKCS#8", e);
        } finally {
            Arrays.fill(text, (byte) 0);
        }
    }

    static X509Certificate readCertificate(Path file) {
        try {
            byte[] der = Pem.read("CERTIFICATE", Files.readAllBytes(file))
                    .orElseThrow(() -> unusable(file, "it is not a PEM certificate", null));
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (IOException | CertificateException e) {
            throw unusable(file, "it cannot be read as a certificate", e);
        }
    }

    static String pem(X509Certificate certificate) {
        return Pem.write("CERTIFICATE", encoded(certificate));
    }

    static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a parsed certificate has its encoding", e);
        }
    }

    static ProblemException unusable(Path file, String why, @Nullable Throwable cause) {
        return new ProblemException(
                ProblemCode.KEY_INVALID,
                "cannot use " + file + ": " + why,
                "restore the folder " + file.getParent()
                        + " from a backup; with a new authority every machine must enrol again",
                cause);
    }
}
