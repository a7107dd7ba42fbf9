package dev.vmext.server.ca;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/**
 * The gateway's own key and certificate, in the authority's folder. Opened at start; made again when it nears its end or when the
 * names under which this host is reached have changed. Immutable.
 *
 * @param names sorted, as written in the certificate
 */
public record GatewayCertificate(PrivateKey key, X509Certificate certificate, Set<String> names) {
    private static final Duration LIFE = Duration.ofDays(730);
    private static final Duration RENEW_BEFORE = Duration.ofDays(180);
    private static final int SAN_DNS = 2;
    private static final int SAN_IP = 7;

    public GatewayCertificate {
        names = Set.copyOf(names);
    }

    /**
     * Reads the one in this folder, or makes it.
     *
     * @param wanted DNS names and IP addresses, {@link HostNames#all}
     */
    public static GatewayCertificate open(
            Path folder, CertificateAuthority authority, Set<String> wanted, InstantSource clock) {
        Path keyFile = folder.resolve("gateway.key");
        Path certificateFile = folder.resolve("gateway.crt");
        GeneralNames names = generalNames(wanted);
        Set<String> written = new TreeSet<>();
        wanted.forEach(name -> written.add(canonical(name)));
        if (Files.exists(keyFile) && Files.exists(certificateFile)) {
            PrivateKey key = CertificateAuthority.readKey(keyFile);
            X509Certificate found = CertificateAuthority.readCertificate(certificateFile);
            if (usable(found, key, authority, written, clock.instant())) {
                return new GatewayCertificate(key, found, written);
            }
        }
        KeyPair pair = authority.newKeyPair();
        X509Certificate made = authority.issueServer(pair.getPublic(), names, LIFE);
        PrivateFile.write(
                keyFile,
                Pem.write("PRIVATE KEY", pair.getPrivate().getEncoded()).getBytes(StandardCharsets.US_ASCII));
        PrivateFile.write(certificateFile, CertificateAuthority.pem(made).getBytes(StandardCharsets.US_ASCII));
        return new GatewayCertificate(pair.getPrivate(), made, written);
    }

    private static boolean usable(
            X509Certificate found, PrivateKey key, CertificateAuthority authority, Set<String> wanted, Instant now) {
        // A crash between the two files leaves a key without its certificate: then both are made again.
        return authority.signed(found)
                && CertificateAuthority.belongTogether(key, found.getPublicKey())
                && now.plus(RENEW_BEFORE).isBefore(found.getNotAfter().toInstant())
                && !now.isBefore(found.getNotBefore().toInstant())
                && namesOf(found).equals(wanted);
    }

    private static Set<String> namesOf(X509Certificate certificate) {
        Set<String> names = new TreeSet<>();
        try {
            var found = certificate.getSubjectAlternativeNames();
            for (List<?> name : found == null ? List.<List<?>>of() : found) {
                names.add(canonical(String.valueOf(name.get(1))));
            }
        } catch (CertificateParsingException e) {
            return Set.of();
        }
        return names;
    }

    private static GeneralNames generalNames(Set<String> wanted) {
        return new GeneralNames(wanted.stream()
                .sorted()
                .map(name -> new GeneralName(HostNames.isAddress(name) ? SAN_IP : SAN_DNS, canonical(name)))
                .toArray(GeneralName[]::new));
    }

    /** One spelling per name: the certificate's text form of an IPv6 address differs between writers and readers. */
    private static String canonical(String name) {
        return HostNames.isAddress(name) ? InetAddress.ofLiteral(name).getHostAddress() : name.toLowerCase(Locale.ROOT);
    }
}
