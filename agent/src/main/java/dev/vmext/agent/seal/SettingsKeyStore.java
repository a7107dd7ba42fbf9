package dev.vmext.agent.seal;

import dev.vmext.agent.config.PrivateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Optional;

/**
 * The settings key on disk: once in the agent's own folder, and as {@code <THUMBPRINT>.crt} and {@code .prv} where handlers look.
 * Wiring and enrolment call it; one thread at a time.
 */
public final class SettingsKeyStore {
    private final Path identity;
    private final Path certificates;

    /**
     * @param identity the agent's own folder
     * @param certificates where handlers written for another agent look
     */
    public SettingsKeyStore(Path identity, Path certificates) {
        this.identity = identity;
        this.certificates = certificates;
    }

    public Optional<SettingsKey> find() throws IOException {
        Path keyFile = identity.resolve("settings.key");
        Path certificateFile = identity.resolve("settings.crt");
        if (!Files.exists(keyFile) || !Files.exists(certificateFile)) {
            return Optional.empty();
        }
        try {
            byte[] pkcs8 = Pem.read("PRIVATE KEY", Files.readAllBytes(keyFile));
            PrivateKey key = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            return Optional.of(new SettingsKey(key, Pem.read("CERTIFICATE", Files.readAllBytes(certificateFile))));
        } catch (GeneralSecurityException e) {
            throw new IOException("the settings key in " + keyFile + " cannot be read: " + e.getMessage(), e);
        }
    }

    public void keep(SettingsKey key) throws IOException {
        byte[] secret = Pem.write("PRIVATE KEY", key.key().getEncoded()).getBytes(StandardCharsets.US_ASCII);
        byte[] certificate = Pem.write("CERTIFICATE", key.certificate()).getBytes(StandardCharsets.US_ASCII);
        // The key first: a certificate is published only when its key is safe.
        PrivateFile.write(identity.resolve("settings.key"), secret);
        PrivateFile.write(identity.resolve("settings.crt"), certificate);
        place(key);
    }

    /** Puts the pair where handlers look, if it is not there any more. */
    public void place(SettingsKey key) throws IOException {
        Path secretFile = certificates.resolve(key.thumbprint() + ".prv");
        Path certificateFile = certificates.resolve(key.thumbprint() + ".crt");
        if (!Files.exists(secretFile)) {
            PrivateFile.write(
                    secretFile, Pem.write("PRIVATE KEY", key.key().getEncoded()).getBytes(StandardCharsets.US_ASCII));
        }
        if (!Files.exists(certificateFile)) {
            PrivateFile.write(
                    certificateFile, Pem.write("CERTIFICATE", key.certificate()).getBytes(StandardCharsets.US_ASCII));
        }
    }
}
