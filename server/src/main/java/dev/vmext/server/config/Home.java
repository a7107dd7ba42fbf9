package dev.vmext.server.config;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The data folder, {@code VMEXT_HOME}. Only its owner may look inside. One server at a time has it: {@link #claim} keeps a lock on a file
 * in it, which the kernel gives back when the process ends, however it ends.
 */
public final class Home implements AutoCloseable {
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path folder;
    private @Nullable FileChannel lock;

    public Home(Path folder) {
        this.folder = folder;
    }

    /** Makes the folder when needed and takes it for this process. */
    public synchronized void claim() {
        try {
            if (!Files.isDirectory(folder)) {
                Path parent = folder.toAbsolutePath().getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                Files.createDirectory(folder, OWNER_ONLY);
            }
            // The command line may have made it for its log, before there was anything in it to keep from others.
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
            for (Path part : new Path[] {run(), logs(), keys(), blobs(), uploads(), seeds(), commands(), proofs()}) {
                if (!Files.isDirectory(part)) {
                    Files.createDirectory(part, OWNER_ONLY);
                }
            }
            FileChannel channel =
                    FileChannel.open(run().resolve("server.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!locked(channel)) {
                channel.close();
                throw new ProblemException(
                        ProblemCode.DATA_FOLDER_IN_USE,
                        "cannot use the data folder " + folder + ": another server has it open",
                        "Stop that server (vmext down), or give this one another folder with VMEXT_HOME.");
            }
            lock = channel;
        } catch (IOException e) {
            throw new ProblemException(
                    ProblemCode.FILE_UNREADABLE,
                    "cannot use the data folder " + folder + ": " + e,
                    "Make the folder writable for this user, or choose another one with VMEXT_HOME.",
                    e);
        }
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            FileLock taken = channel.tryLock();
            return taken != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    @Override
    public synchronized void close() {
        try {
            if (lock != null) {
                lock.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot give back the data folder " + folder, e);
        } finally {
            lock = null;
        }
    }

    public Path folder() {
        return folder;
    }

    public Path configFile() {
        return folder.resolve("server.json");
    }

    public Path publishersFile() {
        return folder.resolve("publishers.json");
    }

    public Path adminTokenFile() {
        return folder.resolve("admin.token");
    }

    public Path run() {
        return folder.resolve("run");
    }

    public Path runFile() {
        return run().resolve("server.json");
    }

    public Path logs() {
        return folder.resolve("log");
    }

    public Path keys() {
        return folder.resolve("keys");
    }

    public Path blobs() {
        return folder.resolve("blobs");
    }

    /** Seeds of the machines made here; they hold enrolment tokens. */
    public Path seeds() {
        return folder.resolve("seeds");
    }

    /** Backups of machines, in restic's own layout. */
    public Path repositories() {
        return folder.resolve("repositories");
    }

    /** Programs of the host's owner that look at what a restore drill restored; nobody puts anything there over the API. */
    public Path proofs() {
        return folder.resolve("proofs");
    }

    /** Where restore drills restore. */
    public Path drills() {
        return run().resolve("drills");
    }

    /** What run-once commands wrote. */
    public Path commands() {
        return folder.resolve("commands");
    }

    /** Uploads on their way to the blob store; emptied at start. */
    public Path uploads() {
        return folder.resolve("uploads");
    }
}
