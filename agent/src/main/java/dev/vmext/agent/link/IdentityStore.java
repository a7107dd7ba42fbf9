package dev.vmext.agent.link;

import dev.vmext.agent.config.PrivateFile;
import dev.vmext.agent.seal.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPair;
import java.util.Optional;
import java.util.UUID;

/**
 * The machine's identity on disk, readable by the agent alone. What is asked for lies beside what is in use until it worked once:
 *
 * <pre>
 *   candidate.key --certificate--> candidate.pem --connected--> current.pem
 * </pre>
 *
 * Used by the link's thread.
 */
final class IdentityStore {
    private final Path folder;

    IdentityStore(Path folder) {
        this.folder = folder;
    }

    Optional<Identity> current() throws IOException {
        return read("current.pem");
    }

    /** A certificate that was issued and not used yet. */
    Optional<Identity> candidate() throws IOException {
        return read("candidate.pem");
    }

    private Optional<Identity> read(String name) throws IOException {
        Path file = folder.resolve(name);
        return Files.exists(file) ? Optional.of(Identity.ofPem(Files.readAllBytes(file))) : Optional.empty();
    }

    /**
     * The key that a certificate is asked for. It is kept until the answer came, so that a lost answer can be asked for again: the
     * token is bound to the first key that it was used with.
     */
    KeyPair requestKey() throws IOException {
        Path file = folder.resolve("candidate.key");
        if (Files.exists(file)) {
            byte[] pem = Files.readAllBytes(file);
            return CertificateRequestWriter.readPair(pem);
        }
        KeyPair pair = CertificateRequestWriter.newPair();
        String pem = Pem.write("PRIVATE KEY", pair.getPrivate().getEncoded())
                + Pem.write("PUBLIC KEY", pair.getPublic().getEncoded());
        PrivateFile.write(file, pem.getBytes(StandardCharsets.US_ASCII));
        return pair;
    }

    void keepCandidate(Identity issued) throws IOException {
        PrivateFile.write(folder.resolve("candidate.pem"), issued.toPem());
        Files.deleteIfExists(folder.resolve("candidate.key"));
    }

    /** The candidate worked: it takes over. */
    void promote() throws IOException {
        Files.move(
                folder.resolve("candidate.pem"),
                folder.resolve("current.pem"),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    void dropCandidate() throws IOException {
        Files.deleteIfExists(folder.resolve("candidate.pem"));
        Files.deleteIfExists(folder.resolve("candidate.key"));
    }

    /** Differs for every installation of the agent; made once. */
    String installId(UUID fresh) throws IOException {
        Path file = folder.resolve("install-id");
        if (!Files.exists(file)) {
            PrivateFile.write(file, fresh.toString().getBytes(StandardCharsets.US_ASCII));
        }
        return Files.readString(file, StandardCharsets.US_ASCII).strip();
    }
}
