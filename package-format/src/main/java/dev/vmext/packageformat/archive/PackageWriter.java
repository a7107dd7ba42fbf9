package dev.vmext.packageformat.archive;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.packageformat.manifest.HandlerManifest;
import dev.vmext.packageformat.manifest.PackageDescription;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Packs a folder into a package: sorted entries, fixed times, modes 0755 for what its owner may run and 0644 for the rest, so
 * equal folders give equal bytes. The result is read back and checked before it gets its name. Stateless; any thread.
 */
public final class PackageWriter {
    private static final int RUNNABLE = 0755;
    private static final int PLAIN = 0644;

    private final ArchiveLimits limits;

    public PackageWriter(ArchiveLimits limits) {
        this.limits = limits;
    }

    /** Packs everything in {@code folder} into {@code zip}, replacing it; on a failure {@code zip} stays as it was. */
    public PackedFile pack(Path folder, Path zip) {
        if (!Files.isDirectory(folder)) {
            throw new PackageException(
                    PackageProblem.FILE_FAILED,
                    "cannot pack " + folder + ": it is no folder",
                    "name the extension's folder");
        }
        Path absolute = zip.toAbsolutePath().normalize();
        Path work = absolute.resolveSibling("." + absolute.getFileName() + ".packing");
        try {
            Files.deleteIfExists(work);
            try {
                write(folder, contents(folder, absolute, work), work);
                PackageDescription description = described(folder, work);
                PackageDigest digest = PackageDigest.ofFile(work);
                long size = Files.size(work);
                Files.move(work, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                return new PackedFile(zip, description, digest, size);
            } finally {
                Files.deleteIfExists(work);
            }
        } catch (IOException | UncheckedIOException failed) {
            throw new PackageException(
                    PackageProblem.FILE_FAILED, "cannot pack " + folder + ": " + failed.getMessage(), "", failed);
        }
    }

    private PackageDescription described(Path folder, Path work) throws IOException {
        try {
            return checked(work);
        } catch (PackageException refused) {
            // What the user named is the folder, not the file it is packed into on the way.
            throw new PackageException(
                    refused.kind(),
                    refused.detail().replace(String.valueOf(work.getFileName()), folder.toString()),
                    refused.hint(),
                    refused);
        }
    }

    /** Names, sorted by their bytes, with their paths. Folders are entries of their own only when they are empty. */
    private static Map<String, Path> contents(Path folder, Path zip, Path work) throws IOException {
        Map<String, Path> contents = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                Path absolute = path.toAbsolutePath().normalize();
                if (path.equals(folder) || absolute.equals(zip) || absolute.equals(work)) {
                    continue;
                }
                String name = folder.relativize(path)
                        .toString()
                        .replace(folder.getFileSystem().getSeparator(), "/");
                if (Files.isSymbolicLink(path) || !isFileOrDirectory(path)) {
                    throw new PackageException(
                            PackageProblem.UNSAFE_ENTRY,
                            "cannot pack " + EntryNames.shown(name) + ": it is a link or a special file",
                            "put a copy of the file there");
                }
                if (!Files.isDirectory(path)) {
                    contents.put(name, path);
                } else if (isEmpty(path)) {
                    contents.put(name + "/", path);
                }
            }
        }
        return contents;
    }

    private static boolean isFileOrDirectory(Path path) {
        return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
                || Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.findAny().isEmpty();
        }
    }

    private static void write(Path folder, Map<String, Path> contents, Path work) throws IOException {
        try (ZipWriter zip = ZipWriter.create(work)) {
            for (Map.Entry<String, Path> entry : contents.entrySet()) {
                Path path = entry.getValue();
                if (entry.getKey().endsWith("/")) {
                    zip.addDirectory(entry.getKey());
                } else {
                    try (InputStream content = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
                        zip.addFile(entry.getKey(), mode(folder, path), content);
                    }
                }
            }
            zip.finish();
        }
    }

    private static int mode(Path folder, Path path) throws IOException {
        boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
        return posix && Files.getPosixFilePermissions(path).contains(PosixFilePermission.OWNER_EXECUTE)
                ? RUNNABLE
                : PLAIN;
    }

    private PackageDescription checked(Path work) {
        PackageDescription description = new PackageReader(limits).describe(work);
        List<HandlerCommand> missing = description.handler().missingCommands();
        if (!missing.isEmpty()) {
            throw new PackageException(
                    PackageProblem.MALFORMED_MANIFEST,
                    "cannot pack " + description.identity() + ": " + HandlerManifest.FILE_NAME + " has no "
                            + missing.stream()
                                    .map(HandlerCommand::manifestField)
                                    .collect(Collectors.joining(", ")),
                    "a handler answers all five commands, be it with a script that only exits 0");
        }
        return description;
    }
}
