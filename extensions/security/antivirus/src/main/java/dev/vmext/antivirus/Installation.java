package dev.vmext.antivirus;

import dev.vmext.antivirus.AntivirusSettings.ScanNow;
import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.SmallFiles;
import dev.vmext.extensionkit.machine.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The extension's files on this machine, other than units. Every method may be repeated. One thread. */
final class Installation {
    private static final String PRIVATE = "rw-------";
    private static final String PUBLIC = "rw-r--r--";
    private static final int LIMIT = 256 * 1024;

    private final Programs programs;
    private final Places places;

    Installation(Programs programs, Places places) {
        this.programs = programs;
        this.places = places;
    }

    /** Copies programs and signatures out of the package: what runs must not go away with the package's folder. */
    void programs(Path packageFolder) throws IOException {
        // freshclam works as the user clamav and must get to its own folder, and nobody to anything by listing.
        folder(places.state(), "rwx--x--x");
        folder(places.ownSignatures(), "rwxr-xr-x");
        folder(places.offeredSignatures(), "rwxr-xr-x");
        folder(places.fetchedSignatures(), "rwxr-xr-x");
        if (!Files.isDirectory(places.quarantine())) {
            SmallFiles.createPrivateFolder(places.quarantine());
        }
        chownToClamav(places.fetchedSignatures());
        copy(packageFolder.resolve("programs"), places.programs());
        copy(packageFolder.resolve("signatures"), places.ownSignatures());
    }

    /** Files that are there are replaced one by one, so a program that runs keeps the one it reads. */
    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                replace(to.resolve(String.valueOf(file.getFileName())), SmallFiles.readText(file, LIMIT), PUBLIC);
            }
        }
    }

    void events(Optional<Path> folder) throws IOException {
        replace(
                places.state().resolve("events-folder"),
                folder.map(f -> f + "\n").orElse(""),
                PUBLIC);
    }

    /** Makes the configuration exactly these files. Returns whether signatures have to be fetched anew. */
    boolean configuration(Map<String, String> files) throws IOException {
        Path folder = places.configuration();
        SmallFiles.createPrivateFolder(folder);
        boolean newSource = !Files.exists(places.state().resolve("update/result"));
        for (Map.Entry<String, String> file : files.entrySet()) {
            boolean changed = replace(folder.resolve(file.getKey()), file.getValue(), PRIVATE);
            newSource |= changed && List.of("freshclam.conf", "databases").contains(file.getKey());
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                if (!files.containsKey(folder.relativize(file).toString())) {
                    newSource |= file.endsWith("freshclam.conf");
                    Files.delete(file);
                }
            }
        }
        try (Stream<Path> scans =
                Files.exists(folder.resolve("scans")) ? Files.list(folder.resolve("scans")) : Stream.of()) {
            for (Path scan : scans.toList()) {
                if (!files.containsKey("scans/" + scan.getFileName() + "/paths")) {
                    SmallFiles.delete(scan);
                }
            }
        }
        Files.createDirectories(folder.resolve("scans"));
        return newSource;
    }

    void ignoredSignatures(String text) throws IOException {
        Path file = places.ownSignatures().resolve("ignored.ign2");
        if (text.isEmpty()) {
            Files.deleteIfExists(file);
        } else {
            replace(file, text, PUBLIC);
        }
    }

    /** What came of orders for single files, one line each. */
    void actions(List<String> lines) throws IOException {
        replace(places.state().resolve("actions"), lines.isEmpty() ? "" : String.join("\n", lines) + "\n", PRIVATE);
    }

    /** The line of an order that was carried out before; one that failed is to be tried again. */
    Optional<String> findAction(String verb, String id) {
        try {
            return SmallFiles.readText(places.state().resolve("actions"), LIMIT)
                    .lines()
                    .filter(line -> line.startsWith(verb + " " + id + ": ") && !line.contains(": cannot "))
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Notes that a scan begins, unless the one with this id was done to its end. */
    boolean mustBegin(ScanNow scan) throws IOException {
        Path file = places.state().resolve("on-demand");
        String done = "id " + scan.id() + "\nstate done\n";
        if (Files.exists(file) && SmallFiles.readText(file, LIMIT).equals(done)) {
            return false;
        }
        replace(file, "id " + scan.id() + "\nstate begun\n", PRIVATE);
        // What the scan before this one found is not this one's.
        Files.deleteIfExists(places.state().resolve("scans/on-demand.result"));
        return true;
    }

    /** From now on the programs write this file, when no handler runs. */
    void statusFile(Path file) throws IOException {
        replace(places.state().resolve("status-file"), file + "\n", PRIVATE);
    }

    void forgetStatusFile() throws IOException {
        Files.deleteIfExists(places.state().resolve("status-file"));
    }

    /** Written before they are masked: after a crash the next try still knows. */
    void masks(List<String> units) throws IOException {
        List<String> all =
                Stream.concat(masked().stream(), units.stream()).distinct().toList();
        replace(places.installed().resolve("masked"), String.join("\n", all), PUBLIC);
    }

    List<String> masked() throws IOException {
        Path file = places.installed().resolve("masked");
        return Files.exists(file)
                ? SmallFiles.readText(file, LIMIT)
                        .lines()
                        .filter(l -> !l.isBlank())
                        .toList()
                : List.of();
    }

    void unmasked() throws IOException {
        Files.deleteIfExists(places.installed().resolve("masked"));
    }

    /** Removes everything but a quarantine with something in it. Returns what stays, in words. */
    Optional<String> remove() throws IOException {
        SmallFiles.delete(places.configuration());
        if (!Files.exists(places.state())) {
            return Optional.empty();
        }
        boolean kept = holdsFiles(places.quarantine());
        try (Stream<Path> all = Files.list(places.state())) {
            for (Path path : all.toList()) {
                if (path.equals(places.quarantine()) && kept) {
                    continue;
                }
                if (path.equals(places.offeredSignatures()) && holdsFiles(path)) {
                    // They belong to others, who take them away themselves.
                    continue;
                }
                // Last, in a second pass: until then a repeated uninstall must know what was added.
                if (!path.equals(places.installed())) {
                    SmallFiles.delete(path);
                }
            }
        }
        if (kept) {
            SmallFiles.replace(places.quarantine().resolve("README"), README, PRIVATE);
        }
        SmallFiles.delete(places.installed());
        try (Stream<Path> left = Files.list(places.state())) {
            if (left.findAny().isEmpty()) {
                Files.delete(places.state());
            }
        }
        return kept ? Optional.of("the quarantine stays in " + places.quarantine()) : Optional.empty();
    }

    private static final String README = """
            Files that vmext.Antivirus took away because they matched a signature of malware. The extension was removed; these
            stay, so that a file that was taken by mistake is not lost. Installed again, the extension knows them.
            By hand, as root, into the folder you are in, with owner, mode and attributes:
              tr '\\000-\\377' '\\200-\\377\\000-\\177' < ID/content | LC_ALL=C gzip -dc \\
                | tar --same-owner -p --acls --xattrs --xattrs-include='*' -xf -
            Set LC_ALL=C before. To be rid of them, delete this folder.
            """;

    private static boolean holdsFiles(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(f -> !f.endsWith("README"));
        }
    }

    private static void folder(Path folder, String mode) throws IOException {
        var permissions = PosixFilePermissions.fromString(mode);
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder);
        }
        Files.setPosixFilePermissions(folder, permissions);
    }

    /** Returns whether it changed. */
    private static boolean replace(Path file, String text, String mode) throws IOException {
        if (Files.exists(file) && SmallFiles.readText(file, LIMIT).equals(text)) {
            return false;
        }
        SmallFiles.replace(file, text, mode);
        return true;
    }

    /** By a program, which knows users of every kind. */
    private void chownToClamav(Path folder) {
        Programs.Result result =
                programs.run(Duration.ofMinutes(1), "", List.of("chown", "clamav:clamav", folder.toString()));
        if (!result.ok()) {
            throw new HandlerException(
                    ExitCode.MISSING_DEPENDENCY,
                    "cannot give " + folder + " to the user clamav: " + result.lastLines(),
                    "The package clamav-freshclam makes this user; install it, or install this extension again.");
        }
    }
}
