package dev.vmext.server.ca;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What the gateway's connector needs for mutual TLS. A machine's certificate must be signed by our authority for client use and its
 * key proven by the handshake; that it has expired is let through, so that a machine that was off for months can ask for a new one.
 * Whether it is revoked, and how long ago it expired, is asked when a link opens, where the answer can name the reason.
 */
public final class GatewayTls {
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

    private GatewayTls() {}

    public static SSLContext context(CertificateAuthority authority, GatewayCertificate gateway, SecureRandom random) {
        try {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(null, null);
            keys.setKeyEntry("gateway", gateway.key(), new char[0], new Certificate[] {
                gateway.certificate(), authority.certificate()
            });
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(keys, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), new TrustManager[] {new MachineTrust(authority)}, random);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("cannot set up TLS of the gateway", e);
        }
    }

    /** Checks the certificates of machines, and of nobody else. */
    private static final class MachineTrust extends X509ExtendedTrustManager {
        private final CertificateAuthority authority;

        MachineTrust(CertificateAuthority authority) {
            this.authority = authority;
        }

        private void check(X509Certificate[] chain) throws CertificateException {
            if (chain.length == 0) {
                throw new CertificateException("no certificate");
            }
            X509Certificate machine = chain[0];
            if (!authority.signed(machine)) {
                throw new CertificateException("not signed by this control plane's authority");
            }
            List<String> purposes = machine.getExtendedKeyUsage();
            if (machine.getBasicConstraints() >= 0 || purposes == null || !purposes.contains(CLIENT_AUTH)) {
                throw new CertificateException("not a certificate for a machine");
            }
            if (ClientCertificate.read(machine).isEmpty()) {
                throw new CertificateException("names no machine");
            }
            if (authority.now().isBefore(machine.getNotBefore().toInstant())) {
                throw new CertificateNotYetValidException("valid only from " + machine.getNotBefore());
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("the gateway connects to nobody");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            throw new CertificateException("the gateway connects to nobody");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("the gateway connects to nobody");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[] {authority.certificate()};
        }
    }
}
