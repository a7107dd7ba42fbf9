package dev.vmext.backup;

import dev.vmext.extensionkit.SmallFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The files of one installation on this machine, other than units. Every method may be repeated. One thread. */
final class Installed {
    private static final String PRIVATE = "rw-------";
    private static final int LIMIT = 256 * 1024;

    private final Places places;

    Installed(Places places) {
        this.places = places;
    }

    /** Copies programs out of the package. Files are replaced one by one, so a program that runs keeps the one it reads. */
    void programs(Path packageFolder) throws IOException {
        SmallFiles.createPrivateFolder(places.state());
        SmallFiles.createPrivateFolder(places.programs());
        try (Stream<Path> files = Files.list(packageFolder.resolve("programs"))) {
            for (Path file : files.toList()) {
                replace(
                        places.programs().resolve(String.valueOf(file.getFileName())),
                        SmallFiles.readText(file, LIMIT));
            }
        }
    }

    void events(Optional<Path> folder) throws IOException {
        replace(
                places.state().resolve("events-folder"),
                folder.map(f -> f + "\n").orElse(""));
    }

    /** When this installation was first set up, in seconds; what is overdue counts from then. */
    long enabledAt(long now) throws IOException {
        Path file = places.state().resolve("enabled-at");
        if (!Files.exists(file)) {
            SmallFiles.replace(file, now + "\n", PRIVATE);
        }
        try {
            return Long.parseLong(SmallFiles.readText(file, 64).strip());
        } catch (NumberFormatException e) {
            SmallFiles.replace(file, now + "\n", PRIVATE);
            return now;
        }
    }

    /** Makes the configuration exactly these files. */
    void configuration(Map<String, String> files) throws IOException {
        write(places.configuration(), files);
    }

    /** Writes a configuration that is only tried. It has secrets in it: {@link #endTrial} follows whatever comes of it. */
    void trial(Map<String, String> files) throws IOException {
        write(places.trial(), files);
    }

    void endTrial() throws IOException {
        SmallFiles.delete(places.trial());
    }

    private static void write(Path folder, Map<String, String> files) throws IOException {
        SmallFiles.createPrivateFolder(folder);
        for (Map.Entry<String, String> file : files.entrySet()) {
            replace(folder.resolve(file.getKey()), file.getValue());
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                if (!files.containsKey(folder.relativize(file).toString())) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Notes that a run begins, unless the one of this word was done, whatever came of it. */
    boolean mustBegin(String word) throws IOException {
        Path file = places.state().resolve("now");
        if (Files.exists(file)) {
            String text = SmallFiles.readText(file, LIMIT);
            if (text.equals("id " + word + "\nstate done\n") || text.equals("id " + word + "\nstate failed\n")) {
                return false;
            }
        }
        replace(file, "id " + word + "\nstate begun\n");
        return true;
    }

    /** From now on the programs write this file, when no handler runs. */
    void statusFile(Path file) throws IOException {
        replace(places.state().resolve("status-file"), file + "\n");
    }

    void forgetStatusFile() throws IOException {
        Files.deleteIfExists(places.state().resolve("status-file"));
    }

    void remove() throws IOException {
        SmallFiles.delete(places.state());
        Path parent = places.state().getParent();
        if (parent != null && Files.isDirectory(parent)) {
            try (Stream<Path> left = Files.list(parent)) {
                if (left.findAny().isEmpty()) {
                    Files.delete(parent);
                }
            }
        }
    }

    private static void replace(Path file, String text) throws IOException {
        if (!Files.exists(file) || !SmallFiles.readText(file, 4 * 1024 * 1024).equals(text)) {
            SmallFiles.replace(file, text, PRIVATE);
        }
    }
}
