package dev.vmext.agent.host;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One walk over the places where extensions leave things: files to a depth at which a whole product shows as one new folder, users,
 * groups, packages of dpkg. Reads names, never contents; follows no links. Packages of rpm are not seen: their database needs a library.
 * No state; any thread.
 */
final class MachineScan {
    /** Things looked at in one walk; a machine that has more is not compared by its files. */
    static final int MAX_THINGS = 100_000;

    private static final Map<String, Integer> ROOTS = new TreeMap<>(Map.of(
            "etc", 4,
            "usr/local", 3,
            "opt", 2,
            "var/lib", 2,
            "usr/lib/systemd/system", 2,
            "var/spool/cron", 2));

    /** The agent's own, what package managers note for themselves, and what changes by itself. */
    private static final Set<String> NOT_LOOKED_AT = Set.of(
            "etc/vmext",
            "opt/vmext",
            "var/lib/vmext",
            "var/lib/waagent",
            "var/lib/dpkg",
            "var/lib/apt",
            "var/lib/rpm",
            "var/lib/dnf",
            "var/lib/systemd",
            "var/lib/cloud",
            "var/lib/private",
            "var/lib/dhcp",
            "var/lib/logrotate",
            "var/lib/docker",
            "var/lib/containerd",
            "var/lib/containers",
            "var/lib/kubelet",
            "etc/passwd-",
            "etc/shadow-",
            "etc/group-",
            "etc/gshadow-",
            "etc/subuid-",
            "etc/subgid-",
            "etc/.pwd.lock",
            "etc/ld.so.cache");

    private static final List<String> UNIT_SUFFIXES =
            List.of(".service", ".timer", ".socket", ".path", ".mount", ".target", ".slice");

    private final Path root;

    MachineScan(Path root) {
        this.root = root;
    }

    /**
     * Shows everything.
     *
     * @param visitor called for each thing; false means that nothing inside of it is to be shown
     * @return whether all was shown, or there is too much
     */
    boolean run(Predicate<Thing> visitor) throws IOException {
        names("etc/passwd", Thing.USER, visitor);
        names("etc/group", Thing.GROUP, visitor);
        for (String name : packages()) {
            var _ = visitor.test(new Thing(Thing.PACKAGE, name, null));
        }
        int[] left = {MAX_THINGS};
        for (Map.Entry<String, Integer> one : ROOTS.entrySet()) {
            walk(root.resolve(one.getKey()), one.getValue(), left, visitor);
        }
        return left[0] > 0;
    }

    private void names(String file, String kind, Predicate<Thing> visitor) throws IOException {
        for (String name : names(file)) {
            var _ = visitor.test(new Thing(kind, name, null));
        }
    }

    /** First fields of a file like /etc/passwd. */
    private Set<String> names(String file) throws IOException {
        Set<String> names = new HashSet<>();
        Path path = root.resolve(file);
        if (Files.exists(path)) {
            for (String line : Files.readAllLines(path, StandardCharsets.ISO_8859_1)) {
                int colon = line.indexOf(':');
                if (colon > 0) {
                    names.add(line.substring(0, colon));
                }
            }
        }
        return names;
    }

    Set<String> users() throws IOException {
        return names("etc/passwd");
    }

    Set<String> groups() throws IOException {
        return names("etc/group");
    }

    /** Installed packages of dpkg; one that was removed but for its configuration is called so. */
    Set<String> packages() throws IOException {
        Set<String> names = new HashSet<>();
        Path status = root.resolve("var/lib/dpkg/status");
        if (!Files.exists(status)) {
            return names;
        }
        try (BufferedReader in = Files.newBufferedReader(status, StandardCharsets.ISO_8859_1)) {
            String name = "";
            for (@Nullable String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith("Package: ")) {
                    name = line.substring("Package: ".length()).strip();
                } else if (line.startsWith("Status: ")) {
                    if (line.endsWith(" config-files")) {
                        names.add(name + CONFIGURATION);
                    } else if (!line.endsWith(" not-installed")) {
                        names.add(name);
                    }
                }
            }
        }
        return names;
    }

    static final String CONFIGURATION = " (configuration)";

    /** The files that a package of dpkg brought; empty when it is not known. */
    Set<Path> filesOf(String packageName) throws IOException {
        Set<Path> files = new HashSet<>();
        Path info = root.resolve("var/lib/dpkg/info");
        if (!Files.isDirectory(info)) {
            return files;
        }
        // Of another architecture, or of several at once, the list has that in its name.
        try (var lists = Files.newDirectoryStream(
                info,
                file -> file.getFileName().toString().equals(packageName + ".list")
                        || (file.getFileName().toString().startsWith(packageName + ":")
                                && file.getFileName().toString().endsWith(".list")))) {
            for (Path list : lists) {
                for (String line : Files.readAllLines(list, StandardCharsets.UTF_8)) {
                    if (line.startsWith("/") && line.length() > 2) {
                        files.add(root.resolve(line.substring(1)));
                    }
                }
            }
        }
        return files;
    }

    private void walk(Path from, int depth, int[] left, Predicate<Thing> visitor) throws IOException {
        if (!Files.isDirectory(from)) {
            return;
        }
        Files.walkFileTree(from, EnumSet.noneOf(FileVisitOption.class), depth, new SimpleFileVisitor<Path>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                if (folder.equals(from)) {
                    return FileVisitResult.CONTINUE;
                }
                return show(folder, "folder") ? FileVisitResult.CONTINUE : skipOrEnd();
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                var _ = show(file, attributes.isDirectory() ? "folder" : kind(file));
                return left[0] > 0 ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
            }

            private FileVisitResult skipOrEnd() {
                return left[0] > 0 ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.TERMINATE;
            }

            private boolean show(Path path, String kind) {
                String place = root.relativize(path).toString();
                if (NOT_LOOKED_AT.contains(place) || --left[0] <= 0) {
                    return false;
                }
                boolean unit = kind.equals("unit");
                return visitor.test(new Thing(kind, unit ? path.getFileName().toString() : "/" + place, path));
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException goneMeanwhile) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException goneMeanwhile) {
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private String kind(Path file) {
        String folder = root.relativize(file.resolveSibling("")).toString();
        String name = file.getFileName().toString();
        if ((folder.equals("etc/systemd/system") || folder.equals("usr/lib/systemd/system"))
                && UNIT_SUFFIXES.stream().anyMatch(name::endsWith)) {
            return "unit";
        }
        return folder.startsWith("etc/cron.") || folder.startsWith("var/spool/cron") ? "cron" : "file";
    }
}
