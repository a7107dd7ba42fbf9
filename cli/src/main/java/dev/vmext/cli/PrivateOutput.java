package dev.vmext.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A file that somebody asked for, at a place of their choice, and that is nobody else's business though it is redacted: readable by its
 * owner alone from its first moment, whole or absent. Stateless; any thread.
 */
final class PrivateOutput {
    private PrivateOutput() {}

    /**
     * Writes the file in one step. A plain file of that name is replaced, mode and all; anything else (a link, a folder, a device) is
     * refused with an {@link IOException}, because what it leads to is not what was named.
     */
    static void write(Path file, byte[] content) throws IOException {
        Path target = file.toAbsolutePath();
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)
                && !Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("it is " + (Files.isSymbolicLink(target) ? "a symbolic link" : kind(target))
                    + ", and only a plain file is replaced");
        }
        Path folder = target.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new IOException("there is no folder " + folder);
        }
        // In one folder with the target, so that it can be moved there; nobody else can guess its name or have made it.
        Path next = Files.createTempFile(
                folder,
                ".vmext-",
                ".new",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            try (FileChannel out = FileChannel.open(next, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
                ByteBuffer buffer = ByteBuffer.wrap(content);
                while (buffer.hasRemaining()) {
                    out.write(buffer);
                }
            }
            // Replaces a link that came there meanwhile, and does not follow it.
            Files.move(next, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(next);
        }
    }

    private static String kind(Path target) {
        return Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS) ? "a folder" : "a device or something like it";
    }
}
