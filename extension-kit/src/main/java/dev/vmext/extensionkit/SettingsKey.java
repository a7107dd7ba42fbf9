package dev.vmext.extensionkit;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.util.Base64;
import java.util.Optional;

/** The machine's certificate and private key for protected settings, read from the two PEM files an agent writes. */
record SettingsKey(X509Certificate certificate, PrivateKey privateKey) {
    private static final int LIMIT = 64 * 1024;

    static SettingsKey read(Path certificateFile, Path keyFile) throws IOException {
        String certificate = readNamed(certificateFile);
        String key = readNamed(keyFile);
        try {
            byte[] der = findPem(certificate, "CERTIFICATE")
                    .orElseThrow(() -> new EnvelopeException(certificateFile + " holds no PEM certificate"));
            return new SettingsKey(
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der)),
                    privateKey(keyFile, key));
        } catch (GeneralSecurityException e) {
            throw new EnvelopeException("cannot use " + certificateFile + " or " + keyFile, e);
        }
    }

    private static PrivateKey privateKey(Path file, String text) throws GeneralSecurityException {
        KeyFactory rsa = KeyFactory.getInstance("RSA");
        Optional<byte[]> pkcs8 = findPem(text, "PRIVATE KEY");
        if (pkcs8.isPresent()) {
            return rsa.generatePrivate(new PKCS8EncodedKeySpec(pkcs8.get()));
        }
        Der key = Der.parse(findPem(text, "RSA PRIVATE KEY")
                        .orElseThrow(() -> new EnvelopeException(file + " holds no PEM private key")))
                .expect(Der.SEQUENCE, "the private key");
        BigInteger[] n = new BigInteger[9];
        for (int i = 0; i < n.length; i++) {
            n[i] = key.child(i, "the private key").integer("a number of the private key");
        }
        return rsa.generatePrivate(new RSAPrivateCrtKeySpec(n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8]));
    }

    private static Optional<byte[]> findPem(String text, String kind) {
        String begin = "-----BEGIN " + kind + "-----";
        int from = text.indexOf(begin);
        int to = text.indexOf("-----END " + kind + "-----", Math.max(from, 0));
        if (from < 0 || to < 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(Base64.getMimeDecoder().decode(text.substring(from + begin.length(), to)));
        } catch (IllegalArgumentException e) {
            throw new EnvelopeException("the PEM text is not base64", e);
        }
    }

    private static String readNamed(Path file) throws IOException {
        try {
            return new String(
                    SmallFiles.readText(file, LIMIT).getBytes(StandardCharsets.UTF_8), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new IOException("cannot read " + file + ": " + SmallFiles.why(e), e);
        }
    }
}
