package dev.vmext.server.command;

import dev.vmext.protocol.exec.CommandOutput;
import dev.vmext.protocol.exec.CommandPosition;
import dev.vmext.protocol.exec.CommandStart;
import dev.vmext.protocol.exec.CommandStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * The output of run-once commands: per command and stream one file that only grows, up to a limit. Pieces may come twice and are
 * written once. Who reads waits here for more. Thread-safe; pieces of one command come from one thread at a time.
 */
public final class CommandOutputs implements AutoCloseable {
    /** Kept of each stream of a command; the machine is told to send no more. */
    public static final long MOST = 4L << 20;

    private final Path folder;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Guarded by the lock; -1 when the server stops. */
    private long changes;

    /** Keeps files in this folder, which need not exist. */
    public CommandOutputs(Path folder) {
        this.folder = folder;
        try {
            if (!Files.isDirectory(folder)) {
                Path parent = folder.getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                Files.createDirectory(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the folder " + folder, e);
        }
    }

    /** Writes what is new of a piece. A piece behind a gap, or beyond the limit, changes nothing. */
    public void append(CommandOutput piece) throws IOException {
        Path file = file(piece.id(), piece.stream());
        long have = size(file);
        long end = Math.min(MOST, piece.offset() + piece.data().size());
        if (piece.offset() > have || end <= have) {
            return;
        }
        byte[] bytes = piece.data().toArray();
        ByteBuffer fresh = ByteBuffer.wrap(bytes, Math.toIntExact(have - piece.offset()), Math.toIntExact(end - have));
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            long at = have;
            while (fresh.hasRemaining()) {
                at += channel.write(fresh, at);
            }
        }
        wake();
    }

    /** Forces what there is to disk: the machine forgets it after this. */
    public void finish(String id) throws IOException {
        for (CommandStream stream : CommandStream.values()) {
            Path file = file(id, stream);
            if (Files.exists(file)) {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
            }
        }
    }

    /** How much there is. */
    public CommandPosition position(String id, boolean ended) throws IOException {
        return new CommandPosition(id, size(file(id, CommandStream.OUT)), size(file(id, CommandStream.ERR)), ended);
    }

    /** From this byte on, at most this many; empty when there is no more. */
    public byte[] read(String id, CommandStream stream, long from, int atMost) throws IOException {
        Path file = file(id, stream);
        long size = size(file);
        if (from >= size) {
            return new byte[0];
        }
        ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(Math.min(atMost, size - from)));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (buffer.hasRemaining() && channel.read(buffer, from + buffer.position()) >= 0) {
                // until full
            }
        }
        byte[] bytes = new byte[buffer.position()];
        buffer.flip().get(bytes);
        return bytes;
    }

    /** Deletes the output of commands that are not known any more. */
    public void sweep(Predicate<String> known) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                int dot = name.lastIndexOf('.');
                if (dot > 0 && !known.test(name.substring(0, dot))) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** Something about some command changed: those who wait look again. */
    public void wake() {
        lock.lock();
        try {
            changes = changes < 0 ? -1 : changes + 1;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** A number that differs after every change, -1 when the server stops. To be read before looking at what there is. */
    public long changes() {
        lock.lock();
        try {
            return changes;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a change after this number, at most this long. */
    public void await(long seen, Duration atMost) throws InterruptedException {
        lock.lock();
        try {
            long left = atMost.toNanos();
            while (changes == seen && left > 0) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private static long size(Path file) throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }

    private Path file(String id, CommandStream stream) {
        if (!CommandStart.validId(id)) {
            throw new IllegalArgumentException("no id of a command");
        }
        return folder.resolve(id + "." + stream.wire());
    }

    /** Ends all waiting. */
    @Override
    public void close() {
        lock.lock();
        try {
            changes = -1;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
