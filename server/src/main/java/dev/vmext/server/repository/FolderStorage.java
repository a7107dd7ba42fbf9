package dev.vmext.server.repository;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * Repositories in a folder, in the layout of restic's local backend. A file is linked to its name, which must not exist. Thread-safe.
 *
 * <pre>
 *   repositories/.incoming/            what is being uploaded or deleted; emptied at start
 *   repositories/MACHINE/INSTALLATION/ config, keys, data/xx, index, snapshots, locks
 *   repositories/MACHINE/INSTALLATION/.uploaded/  which machine brought a lock, for as long as there is one
 * </pre>
 */
public final class FolderStorage implements RepositoryStorage {
    private final Path root;
    private final Path incoming;
    private final Supplier<String> freshNames;

    private FolderStorage(Path root, Path incoming, Supplier<String> freshNames) {
        this.root = root;
        this.incoming = incoming;
        this.freshNames = freshNames;
    }

    /**
     * Opens the folder, and makes it when it is not there.
     *
     * @param incoming on the same file system; whole files come from there, and what is deleted goes there first
     * @param freshNames gives names that were never given before
     */
    public static FolderStorage open(Path root, Path incoming, Supplier<String> freshNames) throws IOException {
        OwnFolders.make(root);
        return new FolderStorage(root, incoming, freshNames);
    }

    @Override
    public String describe() {
        return "the folder " + root;
    }

    @Override
    public boolean remote() {
        return false;
    }

    @Override
    public Restic.Place address(RepositoryPlace place, String password) {
        return new Restic.Place(folder(place).toString(), password, Map.of());
    }

    @Override
    public boolean holds(String location) {
        return location.startsWith("/")
                && Path.of(location)
                        .normalize()
                        .startsWith(root.toAbsolutePath().normalize());
    }

    private Path folder(RepositoryPlace place) {
        return root.resolve(place.machineId()).resolve(place.installation());
    }

    private Path path(FileName file) {
        return folder(file.place()).resolve(file.path());
    }

    @Override
    public void create(RepositoryPlace place) throws IOException {
        Path folder = folder(place);
        for (FileKind kind : FileKind.values()) {
            if (kind != FileKind.CONFIG) {
                OwnFolders.make(folder.resolve(kind.folder()));
            }
        }
        for (int i = 0; i < 256; i++) {
            OwnFolders.make(folder.resolve("data").resolve(HexFormat.of().toHexDigits((byte) i)));
        }
    }

    @Override
    public OptionalLong size(FileName file) throws IOException {
        try {
            return OptionalLong.of(Files.size(path(file)));
        } catch (NoSuchFileException e) {
            return OptionalLong.empty();
        }
    }

    @Override
    public InputStream open(FileName file, long from) throws IOException {
        FileChannel channel = FileChannel.open(path(file));
        try {
            return Channels.newInputStream(channel.position(from));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public void list(RepositoryPlace place, FileKind kind, Each each) throws IOException {
        Path folder = folder(place).resolve(kind.folder());
        if (kind != FileKind.DATA) {
            listFolder(folder, each);
            return;
        }
        for (int i = 0; i < 256; i++) {
            listFolder(folder.resolve(HexFormat.of().toHexDigits((byte) i)), each);
        }
    }

    private static void listFolder(Path folder, Each each) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder)) {
            for (Path file : found) {
                String name = file.getFileName().toString();
                if (!FileName.isName(name)) {
                    continue;
                }
                BasicFileAttributes attributes;
                try {
                    attributes = Files.readAttributes(file, BasicFileAttributes.class);
                } catch (NoSuchFileException goneMeanwhile) {
                    // A lock, or something that was forgotten just now.
                    continue;
                }
                each.entry(new Entry(
                        name, attributes.size(), attributes.lastModifiedTime().toInstant()));
            }
        }
    }

    @Override
    public long bytes(RepositoryPlace place) throws IOException {
        long[] sum = {0};
        Path folder = folder(place);
        if (Files.isDirectory(folder)) {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    sum[0] += attributes.size();
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException goneMeanwhile) {
                    return FileVisitResult.CONTINUE;
                }
            });
        }
        return sum[0];
    }

    @Override
    public boolean add(FileName file, Path whole, String machineId) throws IOException {
        Path named = path(file);
        // Before the lock, so that there is none that nobody may delete; not for one that is there, or its copy would
        // take it over.
        if (file.kind() == FileKind.LOCKS && !Files.exists(named) && Files.isDirectory(named.resolveSibling(""))) {
            Path note = note(file);
            OwnFolders.make(note.resolveSibling(""));
            Files.writeString(note, machineId, StandardCharsets.US_ASCII);
        }
        try {
            Files.createLink(named, whole);
        } catch (FileAlreadyExistsException e) {
            return false;
        }
        try (FileChannel entry = FileChannel.open(named.resolveSibling(""), StandardOpenOption.READ)) {
            entry.force(true);
        }
        return true;
    }

    private Path note(FileName lock) {
        return folder(lock.place()).resolve(".uploaded").resolve(lock.name());
    }

    @Override
    public Optional<String> broughtBy(FileName lock) throws IOException {
        if (!Files.exists(path(lock))) {
            return Optional.empty();
        }
        try {
            return Optional.of(Files.readString(note(lock), StandardCharsets.US_ASCII));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public void deleteLock(FileName lock) throws IOException {
        Files.deleteIfExists(path(lock));
        Files.deleteIfExists(note(lock));
    }

    @Override
    public void delete(RepositoryPlace place) throws IOException {
        Path folder = folder(place);
        if (Files.isDirectory(folder)) {
            Path gone = incoming.resolve(freshNames.get());
            Files.move(folder, gone);
            OwnFolders.deleteTree(gone);
        }
    }

    @Override
    public void close() {
        // Nothing is held open.
    }
}
