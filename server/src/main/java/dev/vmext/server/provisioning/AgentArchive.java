package dev.vmext.server.provisioning;

import dev.vmext.protocol.Digest;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The archive of the guest agent that the gateway serves; its digest goes into every seed. Any thread. */
public final class AgentArchive {
    /** Its name in the agent folder, and behind {@code /v1/agent/} on the gateway. */
    public static final String FILE = "linux-amd64.tar.gz";

    private final Optional<Path> folder;
    private @Nullable Known known;

    private record Known(FileTime changed, long size, Digest digest) {}

    public AgentArchive(Optional<Path> folder) {
        this.folder = folder;
    }

    /** The digest of the archive as it is now, or agent-build-missing. */
    public synchronized Digest digest() {
        Path file = folder.map(path -> path.resolve(FILE))
                .filter(Files::isRegularFile)
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.AGENT_BUILD_MISSING,
                        "cannot give a machine its agent: there is no " + FILE + " in "
                                + folder.map(Path::toString).orElse("an agent folder, because none is set"),
                        "Build it with ./vmext up, or name the folder that has it with agent in server.json."));
        try {
            FileTime changed = Files.getLastModifiedTime(file);
            long size = Files.size(file);
            if (known == null || !known.changed().equals(changed) || known.size() != size) {
                known = new Known(changed, size, digest(file));
            }
            return known.digest();
        } catch (IOException e) {
            throw new ProblemException(
                    ProblemCode.AGENT_BUILD_MISSING,
                    "cannot give a machine its agent: " + file + " cannot be read: " + e,
                    "Build the agent again.",
                    e);
        }
    }

    private static Digest digest(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            in.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), sha256));
            return Digest.ofHash(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
