package dev.vmext.server.repository;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Uploads on this host's disk, written down and hashed before they are files of a repository: one that breaks off never becomes a file.
 * Thread-safe.
 */
final class Spool {
    private static final System.Logger LOG = System.getLogger(Spool.class.getName());
    private static final int CHUNK = 64 * 1024;

    private final Path folder;
    private final long reserve;
    private final Supplier<String> freshNames;

    private Spool(Path folder, long reserve, Supplier<String> freshNames) {
        this.folder = folder;
        this.reserve = reserve;
        this.freshNames = freshNames;
    }

    /** May refuse what would become too large, before it is written. */
    @FunctionalInterface
    interface Taking {
        /** So many bytes in all have come. */
        void upTo(long bytes) throws IOException;
    }

    /**
     * Opens the folder, and clears away uploads that a stop of the server cut off.
     *
     * @param reserve bytes of the disk that no upload takes, because the control plane itself needs them
     * @param freshNames gives names that were never given before
     */
    static Spool open(Path folder, long reserve, Supplier<String> freshNames) throws IOException {
        OwnFolders.make(folder);
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder)) {
            for (Path one : left) {
                OwnFolders.deleteTree(one);
            }
        }
        return new Spool(folder, reserve, freshNames);
    }

    /** A name for an upload; there is no such file yet. */
    Path fresh() {
        return folder.resolve(freshNames.get());
    }

    /** Whether the disk can take so much more and keep its reserve. */
    boolean hasRoom(long more) throws IOException {
        return Files.getFileStore(folder).getUsableSpace() - more >= reserve;
    }

    /** Whether the disk has so little room that a failure to write is no wonder. */
    boolean full() throws IOException {
        return Files.getFileStore(folder).getUsableSpace() < Math.max(reserve, CHUNK);
    }

    /**
     * Writes all of it down and forces it to the disk; the SHA-256 of what came, as hexadecimal digits.
     *
     * @param length as announced; negative when it was not
     */
    static String receive(InputStream content, Path into, long length, Taking taking) throws IOException {
        MessageDigest digest = sha256();
        long size = 0;
        byte[] chunk = new byte[CHUNK];
        try (FileChannel out = FileChannel.open(
                into,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            for (int read = content.read(chunk); read >= 0; read = content.read(chunk)) {
                size += read;
                taking.upTo(size);
                digest.update(chunk, 0, read);
                ByteBuffer bytes = ByteBuffer.wrap(chunk, 0, read);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
            }
            if (length >= 0 && size != length) {
                throw new IOException("the upload ended after " + size + " of " + length + " bytes");
            }
            out.force(true);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The upload's own name; where it became a file of a repository, that stays. */
    static void delete(Path upload) {
        try {
            Files.deleteIfExists(upload);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot delete {0}; it goes at the next start: {1}", upload, e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
