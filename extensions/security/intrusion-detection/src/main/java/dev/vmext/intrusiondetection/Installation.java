package dev.vmext.intrusiondetection;

import dev.vmext.extensionkit.SmallFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The extension's files on this machine, other than units. Every method may be repeated. One thread. */
final class Installation {
    private static final String PRIVATE = "rw-------";
    private static final String PUBLIC = "rw-r--r--";
    private static final int LIMIT = 256 * 1024;
    /** Folders of fail2ban whose files are used as they are, with the operator's changes to them. */
    private static final List<String> LINKED = List.of("filter.d", "action.d");

    private final Places places;

    Installation(Places places) {
        this.places = places;
    }

    /** Copies programs out of the package: what runs must not go away with the package's folder. */
    void programs(Path packageFolder) throws IOException {
        SmallFiles.createPrivateFolder(places.state());
        try (Stream<Path> files = Files.list(packageFolder.resolve("programs"))) {
            for (Path file : files.toList()) {
                replace(
                        places.programs().resolve(String.valueOf(file.getFileName())),
                        SmallFiles.readText(file, LIMIT),
                        PUBLIC);
            }
        }
    }

    void events(Optional<Path> folder) throws IOException {
        replace(
                places.state().resolve("events-folder"),
                folder.map(f -> f + "\n").orElse(""),
                PRIVATE);
    }

    /** The configuration as it is now, by path below its folder; empty at the first time. */
    Map<String, String> configuration() throws IOException {
        Map<String, String> files = new TreeMap<>();
        Path folder = places.configuration();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path file : all.filter(f -> Files.isRegularFile(f) && !Files.isSymbolicLink(f))
                        .toList()) {
                    files.put(folder.relativize(file).toString(), SmallFiles.readText(file, LIMIT));
                }
            }
        }
        return files;
    }

    /** Makes the configuration exactly these files, and with fail2ban's also the links to what its package brings. */
    void configuration(Map<String, String> files) throws IOException {
        write(places.configuration(), files);
    }

    /** Writes files beside the configuration, to be tried out. Returns the folder. */
    Path candidate(Map<String, String> files) throws IOException {
        Path folder = places.state().resolve("candidate");
        SmallFiles.delete(folder);
        write(folder, files);
        return folder;
    }

    void forgetCandidate() throws IOException {
        SmallFiles.delete(places.state().resolve("candidate"));
    }

    private void write(Path folder, Map<String, String> files) throws IOException {
        SmallFiles.createPrivateFolder(folder);
        for (Map.Entry<String, String> file : files.entrySet()) {
            replace(folder.resolve(file.getKey()), file.getValue(), PRIVATE);
        }
        boolean fail2ban = files.keySet().stream().anyMatch(f -> f.startsWith(Configuration.FAIL2BAN));
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(f -> !Files.isDirectory(f)).toList()) {
                // A link to a filter that its package does not bring any more goes too.
                boolean link = Files.isSymbolicLink(file);
                if (!files.containsKey(folder.relativize(file).toString())
                        && !(fail2ban && link && Files.exists(file))) {
                    Files.delete(file);
                }
            }
        }
        if (fail2ban) {
            for (String name : LINKED) {
                link(places.fail2ban().resolve(name), folder.resolve("fail2ban").resolve(name));
            }
        } else {
            SmallFiles.delete(folder.resolve("fail2ban"));
        }
    }

    private static void link(Path from, Path to) throws IOException {
        if (!Files.isDirectory(from)) {
            return;
        }
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Path link = to.resolve(String.valueOf(file.getFileName()));
                if (!Files.exists(link)) {
                    Files.createSymbolicLink(link, file);
                }
            }
        }
    }

    /** Whether a baseline was made for exactly these settings. */
    boolean hasBaseline(String aide) throws IOException {
        Path file = places.baselineSettings();
        return Files.exists(file) && SmallFiles.readText(file, LIMIT).equals(aide);
    }

    /** The orders to accept that were carried out: the id, and what came of it. */
    boolean wasAccepted(String id) throws IOException {
        Path file = places.state().resolve("accepted");
        return Files.exists(file) && SmallFiles.readText(file, LIMIT).startsWith(id + ":\n");
    }

    void accepted(String id, String what) throws IOException {
        String text = what.length() > 8000 ? what.substring(0, 8000) + "\nand more" : what;
        replace(places.state().resolve("accepted"), id + ":\n" + text + "\n", PRIVATE);
    }

    void nothingAccepted() throws IOException {
        Files.deleteIfExists(places.state().resolve("accepted"));
    }

    /** From now on the programs write this file, when no handler runs. */
    void statusFile(Path file) throws IOException {
        replace(places.state().resolve("status-file"), file + "\n", PRIVATE);
    }

    void forgetStatusFile() throws IOException {
        Files.deleteIfExists(places.state().resolve("status-file"));
    }

    /** Written before it is masked: after a crash the next try still knows. */
    void masks(String unit) throws IOException {
        replace(places.installed().resolve("masked"), unit, PUBLIC);
    }

    Optional<String> masked() throws IOException {
        Path file = places.installed().resolve("masked");
        return Files.exists(file) ? Optional.of(SmallFiles.readText(file, LIMIT).strip()) : Optional.empty();
    }

    void unmasked() throws IOException {
        Files.deleteIfExists(places.installed().resolve("masked"));
    }

    void remove() throws IOException {
        SmallFiles.delete(places.configuration());
        SmallFiles.delete(places.root().resolve("run/vmext-intrusion-detection"));
        if (Files.isDirectory(places.state())) {
            try (Stream<Path> all = Files.list(places.state())) {
                for (Path path : all.toList()) {
                    // Last, in a second pass: until then a repeated uninstall must know what was added.
                    if (!path.equals(places.installed())) {
                        SmallFiles.delete(path);
                    }
                }
            }
            SmallFiles.delete(places.state());
        }
    }

    private static void replace(Path file, String text, String mode) throws IOException {
        if (!Files.exists(file) || !SmallFiles.readText(file, LIMIT).equals(text)) {
            SmallFiles.replace(file, text, mode);
        }
    }
}
