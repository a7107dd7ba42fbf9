package dev.vmext.server.ca;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/**
 * Files that only the server's own user may read. The mode is set when a file is made, never afterwards, and a file appears whole or
 * not at all, also after a power cut. Stateless; used by one thread at start.
 */
public final class PrivateFile {
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private PrivateFile() {}

    /** The content; refuses a file that somebody else could have read or changed. */
    public static byte[] read(Path file) {
        try {
            for (PosixFilePermission permission : Files.getPosixFilePermissions(file)) {
                if (OTHERS.contains(permission)) {
                    throw new ProblemException(
                            ProblemCode.KEY_INVALID,
                            "cannot use " + file + ": other users of this host may read or change it",
                            "run chmod 600 " + file + " if you know that nobody did, else restore it from a backup");
                }
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** Writes or replaces the file, making its folder (0700) when it is missing. */
    public static void write(Path file, byte[] content) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IllegalArgumentException("not a file in a folder: " + file);
        }
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder, OWNER_FOLDER);
            }
            Path half = folder.resolve(file.getFileName() + ".new");
            Files.deleteIfExists(half);
            try (FileChannel out = FileChannel.open(
                    half, EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY)) {
                ByteBuffer rest = ByteBuffer.wrap(content);
                while (rest.hasRemaining()) {
                    out.write(rest);
                }
                out.force(true);
            }
            Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel entry = FileChannel.open(folder, StandardOpenOption.READ)) {
                entry.force(true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
