package dev.vmext.agent.contract;

import dev.vmext.agent.config.Durable;
import dev.vmext.agent.config.Folders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Files and folders of a contract, with the modes they have from the first moment on. Stateless; any thread. */
final class ContractFiles {
    static final String OWNER_FOLDER = "rwx------";
    static final String OPEN_FOLDER = "rwxr-xr-x";
    static final String OWNER_FILE = "rw-------";
    static final String OPEN_FILE = "rw-r--r--";

    private ContractFiles() {}

    static FileAttribute<?> mode(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    /** A folder that is there already is left as it is. Installations of one extension share its log folder, and may make it at the same time. */
    static void makeFolder(Path folder, String permissions) throws IOException {
        Folders.make(folder, permissions);
    }

    /** Writes beside, to the disk, and renames: a reader sees the old or the new text, also after a power cut, and a secret is never readable for a moment. */
    static void replace(Path file, String text, String permissions) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(next);
        try (FileChannel out = FileChannel.open(
                next, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode(permissions))) {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static void append(Path file, String text, String permissions) throws IOException {
        try (FileChannel out = FileChannel.open(
                file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND), mode(permissions))) {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
        }
    }

    /** When the file is larger than this it becomes {@code <name>.1}, which replaces the one before. One at a time: two would replace it twice. */
    static synchronized void rotate(Path file, long limit) throws IOException {
        if (Files.exists(file) && Files.size(file) > limit) {
            Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** The plain files of a folder; links and folders are no concern of a contract. */
    static void copyFiles(Path from, Path to) throws IOException {
        if (!Files.isDirectory(from)) {
            return;
        }
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(from, Files::isRegularFile)) {
            found.forEach(files::add);
        }
        for (Path file : files) {
            copyIfThere(file, to.resolve(file.getFileName()));
        }
    }

    /** The plain files of a folder survive a power cut when this returns. */
    static void forceFiles(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, Files::isRegularFile)) {
                for (Path file : found) {
                    forceIfThere(file);
                }
            }
        }
    }

    static void forceIfThere(Path file) throws IOException {
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            Durable.force(file);
        }
    }

    static void copyIfThere(Path from, Path to) throws IOException {
        if (Files.isRegularFile(from)) {
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
            Durable.force(to);
        }
    }
}
