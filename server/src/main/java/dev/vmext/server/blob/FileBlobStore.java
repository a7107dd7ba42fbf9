package dev.vmext.server.blob;

import dev.vmext.protocol.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Blobs as files, {@code <folder>/sha256/<first two hex>/<hex>}. A blob is written to {@code <folder>/incoming}, synced and renamed, so a
 * file under its digest is always whole. Leftovers of a crash lie in {@code incoming} only and are removed when the store is opened.
 */
public final class FileBlobStore implements BlobStore {
    private final Path folder;
    private final Path incoming;
    private final AtomicLong number = new AtomicLong();

    private FileBlobStore(Path folder) {
        this.folder = folder;
        this.incoming = folder.resolve("incoming");
    }

    public static FileBlobStore open(Path folder) throws IOException {
        var store = new FileBlobStore(folder);
        Files.createDirectories(store.incoming);
        try (var leftovers = Files.newDirectoryStream(store.incoming)) {
            for (Path leftover : leftovers) {
                Files.delete(leftover);
            }
        }
        return store;
    }

    @Override
    public void put(Digest expected, InputStream content) throws IOException {
        Path temporary = incoming.resolve(expected.hex() + "." + number.incrementAndGet());
        try {
            Digest actual = write(temporary, content);
            if (!actual.equals(expected)) {
                throw BlobMismatchException.of(expected, actual);
            }
            Path shard = shard(expected);
            Files.createDirectories(shard);
            Files.move(temporary, shard.resolve(expected.hex()), StandardCopyOption.ATOMIC_MOVE);
            syncFolder(shard);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static Digest write(Path file, InputStream content) throws IOException {
        MessageDigest sha256 = sha256();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                OutputStream out = new DigestOutputStream(Channels.newOutputStream(channel), sha256)) {
            content.transferTo(out);
            channel.force(true);
        } catch (FileAlreadyExistsException e) {
            throw new IllegalStateException("two writers share the folder of incoming blobs", e);
        }
        return Digest.ofHash(sha256.digest());
    }

    /** A rename survives a power cut only when the folder is synced too. */
    private static void syncFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public OptionalLong size(Digest digest) {
        try {
            return OptionalLong.of(Files.size(path(digest)));
        } catch (NoSuchFileException e) {
            return OptionalLong.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look at blob " + digest, e);
        }
    }

    @Override
    public InputStream open(Digest digest, long from) throws IOException {
        FileChannel channel = FileChannel.open(path(digest), StandardOpenOption.READ);
        try {
            channel.position(from);
            return Channels.newInputStream(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public void delete(Digest digest) throws IOException {
        Files.deleteIfExists(path(digest));
    }

    private Path shard(Digest digest) {
        return folder.resolve("sha256").resolve(digest.hex().substring(0, 2));
    }

    private Path path(Digest digest) {
        return shard(digest).resolve(digest.hex());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
