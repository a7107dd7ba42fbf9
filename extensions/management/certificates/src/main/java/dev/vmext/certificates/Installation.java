package dev.vmext.certificates;

import dev.vmext.extensionkit.SmallFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
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

    /** Where the programs tell what they found, and where the agent tells them the way to the gateway. */
    void folders(Optional<Path> events, Path configFolder) throws IOException {
        replace(
                places.state().resolve("events-folder"),
                events.map(f -> f + "\n").orElse(""));
        replace(places.state().resolve("gateway-file"), configFolder.resolve("gateway.json") + "\n");
    }

    /** Makes the configuration exactly these files. Certificates that are there are left. */
    void configuration(Map<String, String> files) throws IOException {
        // Services go through it to their certificates; what is for root alone is in folders of its own.
        Files.createDirectories(places.configuration());
        Files.setPosixFilePermissions(places.configuration(), PosixFilePermissions.fromString("rwxr-xr-x"));
        Path acme = places.configuration().resolve("acme");
        SmallFiles.createPrivateFolder(places.wanted());
        SmallFiles.createPrivateFolder(acme);
        for (Map.Entry<String, String> file : files.entrySet()) {
            replace(places.configuration().resolve(file.getKey()), file.getValue());
        }
        for (Path folder : List.of(places.wanted(), acme)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path file : all.filter(Files::isRegularFile).toList()) {
                    if (!files.containsKey(
                            places.configuration().relativize(file).toString())) {
                        Files.delete(file);
                    }
                }
            }
        }
    }

    /** Takes away certificates that are not wanted any more, with their keys, and what is known of them. Returns their names. */
    List<String> forget(Set<String> wanted) throws IOException {
        Set<String> all = Stream.of("wanted", "live", "store")
                .flatMap(folder -> names(places.configuration().resolve(folder)).stream())
                .collect(Collectors.toSet());
        all.removeAll(wanted);
        for (String name : all) {
            Files.deleteIfExists(places.configuration().resolve("live").resolve(name));
            SmallFiles.delete(places.configuration().resolve("store").resolve(name));
            SmallFiles.delete(places.wanted().resolve(name));
            Files.deleteIfExists(places.state().resolve("state").resolve(name));
        }
        return all.stream().sorted().toList();
    }

    private static List<String> names(Path folder) {
        String[] names = folder.toFile().list();
        return names == null ? List.of() : List.of(names);
    }

    /** From now on the programs write this file, when no handler runs. */
    void statusFile(Path file) throws IOException {
        replace(places.state().resolve("status-file"), file + "\n");
    }

    void forgetStatusFile() throws IOException {
        Files.deleteIfExists(places.state().resolve("status-file"));
    }

    /** Everything of ours, certificates and keys included. */
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
