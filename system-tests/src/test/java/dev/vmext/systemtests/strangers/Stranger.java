package dev.vmext.systemtests.strangers;

import dev.vmext.fleet.Enrolment;
import dev.vmext.server.ca.Pem;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * What an operator gives to an agent of somebody else: a name in the fleet, a key and a certificate for it.
 *
 * @param ca the authority that the gateway's own certificate is from
 */
record Stranger(Enrolment enrolment, KeyPair keys, X509Certificate certificate, X509Certificate ca) {
    String id() {
        return enrolment.machine().id();
    }

    SSLContext tls() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keyManagers(), new X509TrustManager[] {trust()}, null);
        return context;
    }

    X509TrustManager trust() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("ca", ca);
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return List.of(factory.getTrustManagers()).stream()
                .filter(X509TrustManager.class::isInstance)
                .map(X509TrustManager.class::cast)
                .findFirst()
                .orElseThrow();
    }

    private KeyManager[] keyManagers() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("machine", keys.getPrivate(), new char[0], new Certificate[] {certificate});
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        return factory.getKeyManagers();
    }

    /** The same as files, {@code key.pem}, {@code cert.pem} and {@code ca.pem}, for programs in other languages. */
    void write(Path folder) throws Exception {
        Files.createDirectories(folder);
        write(folder.resolve("key.pem"), "PRIVATE KEY", keys.getPrivate().getEncoded());
        write(folder.resolve("cert.pem"), "CERTIFICATE", certificate.getEncoded());
        write(folder.resolve("ca.pem"), "CERTIFICATE", ca.getEncoded());
    }

    private static void write(Path file, String label, byte[] der) throws Exception {
        Files.writeString(file, Pem.write(label, der), StandardCharsets.US_ASCII);
    }
}
