package dev.vmext.server.provider;

import dev.vmext.fleet.provider.DiskSnapshots.Wish;
import dev.vmext.fleet.provider.ProviderProblem;
import dev.vmext.fleet.provider.ProviderProblem.Kind;
import dev.vmext.protocol.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * The snapshots of one machine on disk: a folder each, named by its id, with {@code disk.qcow2} and {@code snapshot.json}. A folder
 * appears complete, by rename, and goes the same way, so what is found under an id is whole. Folders that begin with a dot are work
 * that was not finished.
 */
record SnapshotFolder(Path path) {
    static final String DISK = "disk.qcow2";
    private static final String TAKING = ".taking-";
    private static final String DROPPING = ".dropping-";
    private static final int CHUNK = 1 << 20;

    Path disk(String id) {
        return path.resolve(Wish.requireId(id)).resolve(DISK);
    }

    /** Oldest first. One whose description cannot be read is refused by name: it is no ground to build on. */
    List<SnapshotManifest> all() throws IOException {
        if (!Files.isDirectory(path)) {
            return List.of();
        }
        List<SnapshotManifest> found = new ArrayList<>();
        for (Path folder : entries("")) {
            found.add(SnapshotManifest.read(folder));
        }
        found.sort(Comparator.comparingLong(SnapshotManifest::number));
        return found;
    }

    private List<Path> entries(String prefix) throws IOException {
        try (Stream<Path> entries = Files.list(path)) {
            return entries.filter(Files::isDirectory)
                    .filter(entry -> {
                        String name = String.valueOf(entry.getFileName());
                        return prefix.isEmpty() ? !name.startsWith(".") : name.startsWith(prefix);
                    })
                    .toList();
        }
    }

    /** The snapshot and what it builds on, itself first. */
    List<SnapshotManifest> chain(String id) throws IOException {
        List<SnapshotManifest> all = all();
        List<SnapshotManifest> chain = new ArrayList<>();
        String next = id;
        while (true) {
            String wanted = next;
            SnapshotManifest link = all.stream()
                    .filter(one -> one.snapshot().id().equals(wanted))
                    .findFirst()
                    .orElseThrow(() -> chain.isEmpty() ? unknown(id) : gap(id, wanted));
            if (chain.contains(link)) {
                throw broken("snapshot " + id + " builds on itself");
            }
            chain.add(link);
            if (link.snapshot().parent().isEmpty()) {
                return chain;
            }
            next = link.snapshot().parent().get();
        }
    }

    static ProviderProblem unknown(String id) {
        return new ProviderProblem(
                Kind.UNKNOWN_SNAPSHOT,
                "cannot find snapshot " + id + ": the provider keeps none of that id for this machine",
                "look at those there are");
    }

    private static ProviderProblem gap(String id, String missing) {
        return broken("snapshot " + id + " builds on snapshot " + missing + ", which is gone");
    }

    static ProviderProblem broken(String why) {
        return new ProviderProblem(
                Kind.BROKEN_SNAPSHOT, "cannot use the snapshot: " + why, "use an older one, and take a new one");
    }

    /** An empty private folder for work on a new snapshot. */
    Path draft(String id) throws IOException {
        Files.createDirectories(path.getParent());
        if (!Files.isDirectory(path)) {
            Files.createDirectory(
                    path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        Path draft = path.resolve(TAKING + Wish.requireId(id));
        Folders.delete(draft);
        return Files.createDirectory(draft);
    }

    List<Path> drafts() throws IOException {
        return Files.isDirectory(path) ? entries(TAKING) : List.of();
    }

    /** The draft becomes the snapshot; it is on disk when this returns. */
    void publish(Path draft, SnapshotManifest manifest) throws IOException {
        manifest.write(draft);
        sync(draft.resolve(SnapshotManifest.FILE));
        sync(draft.resolve(DISK));
        sync(draft);
        Files.move(draft, path.resolve(manifest.snapshot().id()), StandardCopyOption.ATOMIC_MOVE);
        sync(path);
    }

    void drop(String id) throws IOException {
        Path folder = path.resolve(Wish.requireId(id));
        if (Files.isDirectory(folder)) {
            Path trash = path.resolve(DROPPING + id);
            Folders.delete(trash);
            Files.move(folder, trash, StandardCopyOption.ATOMIC_MOVE);
            sync(path);
            Folders.delete(trash);
        }
    }

    /** Deletes what an earlier process left unfinished. */
    void clear() throws IOException {
        if (Files.isDirectory(path)) {
            for (String prefix : List.of(TAKING, DROPPING)) {
                for (Path left : entries(prefix)) {
                    Folders.delete(left);
                }
            }
        }
    }

    private static void sync(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    static String digest(Path file) throws IOException {
        MessageDigest sha;
        try {
            sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
        byte[] chunk = new byte[CHUNK];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                sha.update(chunk, 0, read);
            }
        }
        return new Digest("sha256:" + HexFormat.of().formatHex(sha.digest())).text();
    }

    /** Ids of snapshots that build directly on this one. */
    List<String> children(String id) throws IOException {
        return all().stream()
                .filter(one -> one.snapshot().parent().filter(id::equals).isPresent())
                .map(one -> one.snapshot().id())
                .collect(java.util.stream.Collectors.collectingAndThen(
                        java.util.stream.Collectors.toList(), Collections::unmodifiableList));
    }
}
