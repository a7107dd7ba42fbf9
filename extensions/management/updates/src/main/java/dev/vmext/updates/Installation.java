package dev.vmext.updates;

import dev.vmext.extensionkit.SmallFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The extension's files on this machine, other than units. Every method may be repeated. One thread. */
final class Installation {
    private static final String PRIVATE = "rw-------";
    private static final int LIMIT = 256 * 1024;

    private final Places places;

    Installation(Places places) {
        this.places = places;
    }

    /** Copies programs out of the package: what runs must not go away with the package's folder. */
    void programs(Path packageFolder) throws IOException {
        SmallFiles.createPrivateFolder(places.state());
        try (Stream<Path> files = Files.list(packageFolder.resolve("programs"))) {
            // One by one, by renaming, so a program that runs keeps the one it reads.
            for (Path file : files.toList()) {
                replace(
                        places.programs().resolve(String.valueOf(file.getFileName())),
                        SmallFiles.readText(file, LIMIT));
            }
        }
    }

    /** Where the programs tell what they found, and where they ask for a restart. */
    void folders(Optional<Path> events, Path configFolder) throws IOException {
        replace(
                places.state().resolve("events-folder"),
                events.map(f -> f + "\n").orElse(""));
        replace(places.state().resolve("config-folder"), configFolder + "\n");
    }

    /** Makes the configuration exactly these files. */
    void configuration(Map<String, String> files) throws IOException {
        Path folder = places.configuration();
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

    /** Notes that an installation begins, unless the one with this id was done to its end. */
    boolean mustBegin(String id) throws IOException {
        Path file = places.state().resolve("now");
        if (Files.exists(file) && SmallFiles.readText(file, LIMIT).equals("id " + id + "\nstate done\n")) {
            return false;
        }
        replace(file, "id " + id + "\nstate begun\n");
        return true;
    }

    /** From now on the programs write this file, when no handler runs. */
    void statusFile(Path file) throws IOException {
        replace(places.state().resolve("status-file"), file + "\n");
    }

    void forgetStatusFile() throws IOException {
        Files.deleteIfExists(places.state().resolve("status-file"));
    }

    /** Everything of ours. Updates that were installed stay. */
    void remove() throws IOException {
        for (Path folder : List.of(places.configuration(), places.state())) {
            SmallFiles.delete(folder);
        }
    }

    private static void replace(Path file, String text) throws IOException {
        if (!Files.exists(file) || !SmallFiles.readText(file, LIMIT).equals(text)) {
            SmallFiles.replace(file, text, PRIVATE);
        }
    }
}
