package dev.vmext.packageformat.archive;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.manifest.HandlerManifest;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks a package into a folder that does not exist yet. The work happens in a hidden folder beside it that is renamed at
 * the end: after a failure or a crash the target does not exist, and the next try clears what a crash left. Whoever calls it
 * has verified the package. Stateless; any thread, but only one per target.
 */
public final class PackageUnpacker {
    private static final int DIRECTORY_MODE = 0755;
    private static final int DEFAULT_FILE_MODE = 0644;
    /** What of a mode is kept: no write access for others, no set-user-id. */
    private static final int MODE_MASK = 0755;
    /** The owner may always read, write and run: zips made without unix modes need it, and the contract asks for it. */
    private static final int MODE_OWNER = 0700;

    private final ArchiveLimits limits;

    public PackageUnpacker(ArchiveLimits limits) {
        this.limits = limits;
    }

    /** Creates {@code target} with the content of the package. Missing parents are created too. */
    public void unpack(Path zip, Path target) {
        Path absolute = target.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        if (parent == null) {
            throw new IllegalArgumentException("a package is not unpacked over the root folder");
        }
        if (Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)) {
            throw new PackageException(
                    PackageProblem.FILE_FAILED,
                    "cannot unpack into " + target + ": it exists already",
                    "remove it first");
        }
        Path work = parent.resolve("." + absolute.getFileName() + ".unpacking");
        try (ZipArchive archive = ZipArchive.open(zip, limits)) {
            Files.createDirectories(parent);
            FileTree.delete(work);
            boolean done = false;
            try {
                fill(archive, work);
                FileTree.forceFolders(work);
                Files.move(work, absolute, StandardCopyOption.ATOMIC_MOVE);
                FileTree.forceFolder(parent);
                done = true;
            } finally {
                if (!done) {
                    FileTree.delete(work);
                }
            }
        } catch (IOException failed) {
            throw new PackageException(
                    PackageProblem.FILE_FAILED,
                    "cannot unpack " + zip.getFileName() + " into " + target + ": " + failed.getMessage(),
                    "look at free space and permissions of " + parent,
                    failed);
        }
    }

    private static void fill(ZipArchive archive, Path work) throws IOException {
        createDirectory(work);
        for (ZipEntryInfo entry : archive.entries()) {
            Path path = work.resolve(entry.name()).normalize();
            if (!path.startsWith(work)) {
                // EntryNames refused such names already; this line must never be the only defence, nor be missing.
                throw new IllegalStateException("an entry left the folder: " + EntryNames.shown(entry.name()));
            }
            if (entry.directory()) {
                createDirectories(path);
            } else {
                createDirectories(path.getParent());
                write(archive, entry, path);
            }
        }
        copyManifestToTop(archive, work);
    }

    private static void createDirectories(@Nullable Path path) throws IOException {
        if (path != null && !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            createDirectories(path.getParent());
            createDirectory(path);
        }
    }

    private static void createDirectory(Path path) throws IOException {
        Files.createDirectory(path, attributes(path, DIRECTORY_MODE));
    }

    /** On disk when it returns: after a power cut a folder with its final name must not hold empty files. */
    private static void write(ZipArchive archive, ZipEntryInfo entry, Path path) throws IOException {
        int mode = entry.mode() < 0 ? DEFAULT_FILE_MODE : entry.mode();
        try (FileChannel channel = FileChannel.open(
                path,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                attributes(path, (mode & MODE_MASK) | MODE_OWNER))) {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
            archive.copy(entry, out);
            out.flush();
            channel.force(true);
        }
    }

    private static FileAttribute<?>[] attributes(Path path, int mode) {
        if (!path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return new FileAttribute<?>[0];
        }
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] fromOwnerRead = PosixFilePermission.values();
        for (int bit = 0; bit < fromOwnerRead.length; bit++) {
            if ((mode & (0400 >>> bit)) != 0) {
                permissions.add(fromOwnerRead[bit]);
            }
        }
        return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)};
    }

    /** Handlers and agents look for the manifest in the top folder, also where the package has it deeper. */
    private static void copyManifestToTop(ZipArchive archive, Path work) throws IOException {
        Optional<String> name = PackageReader.handlerManifestName(archive);
        if (name.isPresent() && !name.get().equals(HandlerManifest.FILE_NAME)) {
            Path top = work.resolve(HandlerManifest.FILE_NAME);
            if (!Files.exists(top, LinkOption.NOFOLLOW_LINKS)) {
                Files.copy(work.resolve(name.get()), top, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }
}
