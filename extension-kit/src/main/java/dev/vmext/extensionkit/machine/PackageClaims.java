package dev.vmext.extensionkit.machine;

import dev.vmext.extensionkit.SmallFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Which extensions of a machine want which packages of the distribution, so that the one that brought a package does not take it
 * away from another that uses it too. In one folder for all extensions of the machine:
 *
 * <pre>
 * claims/ID   one extension: the path of its state folder, then one name of a package each line
 * kept        packages that an extension brought, whose bringer is gone and which another still claims
 * </pre>
 *
 * A claim of an extension whose state folder is gone counts for nothing: it was taken off without its uninstall. All that is here is
 * read and written by the holder of a lock, among processes too. Files are replaced whole. With the last claim the folder goes.
 */
public final class PackageClaims {
    private static final int LIMIT = 1024 * 1024;
    private static final String MODE = "rw-r--r--";

    private final Path folder;
    private final Path lock;

    private PackageClaims(Path folder, Path lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /**
     * The claims of a machine.
     *
     * @param root {@code /}, or the folder that stands for it in a test
     */
    public static PackageClaims of(Path root) {
        // The lock is not in the folder: with that it would be deleted under those who wait for it.
        return new PackageClaims(root.resolve("var/lib/vmext/package-claims"), root.resolve("run/lock/vmext-packages"));
    }

    /** Waits until no other process of an extension holds the claims; as long as it installs or removes packages. */
    Held hold() throws IOException {
        Path parent = lock.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            return new Held(channel, channel.lock());
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** The claims while nobody else can change them. */
    final class Held implements Closeable {
        private final FileChannel channel;
        private final FileLock locked;

        private Held(FileChannel channel, FileLock locked) {
            this.channel = channel;
            this.locked = locked;
        }

        /** Adds names to what an extension claims. */
        void claim(Path stateFolder, List<String> names) throws IOException {
            // Without it the claim would count for nothing.
            SmallFiles.createPrivateFolder(stateFolder);
            Set<String> all = new TreeSet<>(names);
            List<String> lines = read(file(stateFolder));
            all.addAll(lines.subList(Math.min(1, lines.size()), lines.size()));
            List<String> text = new ArrayList<>(List.of(stateFolder.toString()));
            text.addAll(all);
            replace(file(stateFolder), text);
        }

        /** What others than this extension claim. */
        Set<String> ofOthers(Path stateFolder) throws IOException {
            Set<String> names = new TreeSet<>();
            for (Path file : files()) {
                List<String> lines = read(file);
                if (!lines.isEmpty()
                        && !file.equals(file(stateFolder))
                        && Files.isDirectory(Path.of(lines.getFirst()))) {
                    names.addAll(lines.subList(1, lines.size()));
                }
            }
            return names;
        }

        /** Packages that an extension brought which is gone. */
        Set<String> kept() throws IOException {
            return new TreeSet<>(read(folder.resolve("kept")));
        }

        void keep(Set<String> names) throws IOException {
            if (!names.isEmpty()) {
                replace(folder.resolve("kept"), List.copyOf(names));
            } else {
                Files.deleteIfExists(folder.resolve("kept"));
            }
        }

        /** Forgets what an extension claims; with the last claim nothing is left. */
        void release(Path stateFolder) throws IOException {
            Files.deleteIfExists(file(stateFolder));
            if (ofOthers(stateFolder).isEmpty()) {
                SmallFiles.delete(folder);
            }
        }

        @Override
        public void close() throws IOException {
            try (channel) {
                locked.release();
            }
        }
    }

    private Path file(Path stateFolder) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(stateFolder.toString().getBytes(StandardCharsets.UTF_8));
            return folder.resolve("claims").resolve(HexFormat.of().formatHex(digest, 0, 16));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Not the half of a file that somebody was writing when the power went: that one begins with a dot. */
    private List<Path> files() throws IOException {
        if (!Files.isDirectory(folder.resolve("claims"))) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder.resolve("claims"))) {
            return files.filter(f -> !String.valueOf(f.getFileName()).startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    private static void replace(Path file, List<String> lines) throws IOException {
        SmallFiles.replace(file, String.join("\n", lines) + "\n", MODE);
    }

    private static List<String> read(Path file) throws IOException {
        return Files.exists(file)
                ? SmallFiles.readText(file, LIMIT)
                        .lines()
                        .filter(l -> !l.isBlank())
                        .toList()
                : List.of();
    }
}
