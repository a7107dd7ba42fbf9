package dev.vmext.agent.rehearse;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What lies in the watched folders, to be compared with what lies there later. One thread. */
final class WatchedTree {
    /** More than any extension brings; a folder that has more is not compared further. */
    private static final int MAX_FILES = 300_000;

    private static final List<String> PASSING =
            List.of("/var/cache", "/var/log", "/var/tmp", "/var/lib/apt", "/var/lib/dpkg", "/var/lib/waagent");

    private final Map<String, String> files = new TreeMap<>();

    /**
     * Looks now.
     *
     * @param folders where to look, with what each is called in reports
     * @param leaveOut the rehearsal's own folder
     */
    static WatchedTree of(Map<Path, String> folders, Path leaveOut) throws IOException {
        WatchedTree tree = new WatchedTree();
        for (Map.Entry<Path, String> folder : folders.entrySet()) {
            if (Files.isDirectory(folder.getKey())) {
                tree.walk(folder.getKey(), folder.getValue(), leaveOut);
            }
        }
        return tree;
    }

    private void walk(Path folder, String shown, Path leaveOut) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<Path>() {
            @Override
            public FileVisitResult preVisitDirectory(Path visited, BasicFileAttributes attributes) {
                return visited.startsWith(leaveOut) || passing(name(folder, shown, visited))
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String name = name(folder, shown, file);
                if (files.size() < MAX_FILES && !name.endsWith(".pyc")) {
                    // In a layer above the machine's own files a device stands for a file that was deleted.
                    files.put(
                            attributes.isOther() ? name + " (deleted)" : name,
                            attributes.size() + " " + attributes.lastModifiedTime());
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static String name(Path folder, String shown, Path file) {
        Path inside = folder.relativize(file);
        return inside.toString().isEmpty() ? shown : shown + "/" + inside;
    }

    /** Caches, logs and the books of the package manager belong to the machine: what grows there is not left over. */
    private static boolean passing(String name) {
        return PASSING.stream().anyMatch(name::startsWith);
    }

    /** What is there now and was not there before, or is another file, as sentences. */
    static List<String> added(WatchedTree before, WatchedTree after) {
        List<String> added = new ArrayList<>();
        after.files.forEach((name, state) -> {
            String was = before.files.get(name);
            if (was == null) {
                added.add(name);
            } else if (!was.equals(state) && name.startsWith("/etc/")) {
                added.add(name + " (changed)");
            }
        });
        return added;
    }
}
