package dev.vmext.agent.link;

import dev.vmext.protocol.Digest;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts one authority, known by the SHA-256 of its certificate, and nobody else: no other authority of the machine counts. The name
 * of the gateway is checked too. Immutable; any thread.
 */
final class PinnedTrust extends X509ExtendedTrustManager {
    private static final System.Logger LOG = System.getLogger(PinnedTrust.class.getName());

    private final Digest authority;
    private final InstantSource clock;
    private final Consumer<X509Certificate> seen;

    /**
     * Takes the authority from the enrolment line; its certificate is in the chain that every gateway shows.
     *
     * @param seen is told the authority's certificate when a gateway showed it
     */
    PinnedTrust(Digest authority, InstantSource clock, Consumer<X509Certificate> seen) {
        this.authority = authority;
        this.clock = clock;
        this.seen = seen;
    }

    /** What a client needs for TLS. */
    static SSLContext context(PinnedTrust trust, Optional<Identity> identity) throws IOException {
        try {
            KeyManager[] keys = new KeyManager[0];
            if (identity.isPresent()) {
                KeyStore store = emptyStore();
                store.setKeyEntry("machine", identity.get().key(), new char[0], new Certificate[] {
                    identity.get().certificate()
                });
                KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                factory.init(store, new char[0]);
                keys = factory.getKeyManagers();
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot set up TLS: " + e.getMessage(), e);
        }
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private X509ExtendedTrustManager checker(X509Certificate[] chain) throws CertificateException {
        try {
            KeyStore store = emptyStore();
            store.setCertificateEntry("authority", anchor(chain));
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            PKIXBuilderParameters rules = new PKIXBuilderParameters(store, new X509CertSelector());
            rules.setRevocationEnabled(false);
            rules.setDate(Date.from(within(chain[0])));
            factory.init(new CertPathTrustManagerParameters(rules));
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509ExtendedTrustManager checker) {
                    return checker;
                }
            }
            throw new CertificateException("this Java runtime checks no certificates");
        } catch (CertificateException e) {
            throw e;
        } catch (GeneralSecurityException | IOException e) {
            throw new CertificateException(e);
        }
    }

    /**
     * The time by which certificates are judged: now, or as near to it as the gateway's certificate is valid. A machine with a wrong clock
     * must stay reachable, or nobody could repair it; and the authority is pinned, whose key lies beside the gateway's.
     */
    private Instant within(X509Certificate gateway) {
        Instant now = clock.instant();
        Instant from = gateway.getNotBefore().toInstant();
        Instant until = gateway.getNotAfter().toInstant();
        if (now.isBefore(from) || now.isAfter(until)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "By this machine's clock ({0}) the gateway's certificate is not valid now but from {1} to {2};"
                            + " connecting all the same, because the clock may be wrong",
                    now,
                    from,
                    until);
        }
        return now.isBefore(from) ? from : now.isAfter(until) ? until : now;
    }

    private X509Certificate anchor(X509Certificate[] chain) throws CertificateException {
        for (X509Certificate certificate : chain) {
            if (Digest.of(certificate.getEncoded()).equals(authority)) {
                seen.accept(certificate);
                return certificate;
            }
        }
        throw new CertificateException("the gateway does not show the authority " + authority
                + " that this machine was enrolled with; it is another control plane, or somebody is in between");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        checker(chain).checkServerTrusted(chain, type, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        checker(chain).checkServerTrusted(chain, type, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw new CertificateException("a gateway is never trusted without its name");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw new CertificateException("nobody connects to an agent");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        throw new CertificateException("nobody connects to an agent");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        throw new CertificateException("nobody connects to an agent");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
