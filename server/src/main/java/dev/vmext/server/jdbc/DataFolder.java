package dev.vmext.server.jdbc;

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
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * The folder of the database, held by one process at a time. The lock ends with the process, however it ends, so nothing stale is left
 * to clean up.
 */
final class DataFolder implements AutoCloseable {
    private static final String LOCK_FILE = "fleet.lock";
    private static final String DATABASE_FILE = "fleet.db";

    private final Path folder;
    private final FileChannel channel;

    private DataFolder(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    static DataFolder hold(Path folder) {
        FileChannel channel = null;
        try {
            Files.createDirectories(folder);
            channel = FileChannel.open(folder.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (tryLock(channel) == null) {
                channel.close();
                throw new ProblemException(
                        ProblemCode.DATA_FOLDER_IN_USE,
                        "cannot open the data folder " + folder + ": another server uses it",
                        "stop that server first (vmext down), or set VMEXT_HOME to another folder");
            }
            createPrivately(folder.resolve(DATABASE_FILE));
            return new DataFolder(folder, channel);
        } catch (IOException e) {
            closeQuietly(channel, e);
            throw new ProblemException(
                    ProblemCode.FILE_UNREADABLE,
                    "cannot open the data folder " + folder + ": " + e.getMessage(),
                    "check that the folder can be written and that the disk has room",
                    e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // Held by this very process.
            return null;
        }
    }

    /** The mode is set when the file is made: afterwards would be too late. SQLite gives its side files the same mode. */
    private static void createPrivately(Path database) throws IOException {
        if (Files.exists(database)) {
            return;
        }
        if (database.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(
                    database, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } else {
            Files.createFile(database);
        }
    }

    private static void closeQuietly(@Nullable FileChannel channel, IOException because) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            because.addSuppressed(e);
        }
    }

    Path database() {
        return folder.resolve(DATABASE_FILE);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot let go of the data folder " + folder, e);
        }
    }
}
