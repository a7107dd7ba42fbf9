package dev.vmext.systemtests.endtoend;

import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** vmext.Backup and vmext.Restore as they are but for their handlers, which would touch systemd of this host. */
final class BackupPackages {
    private BackupPackages() {}

    /** Publishes both under version 1.0.0; they are put together in the folder. */
    static void publish(ControlPlane plane, Path folder) throws Exception {
        for (String name : List.of("backup", "restore")) {
            Path source = Repository.ROOT.resolve("extensions/backup/" + name + "/src/main/package");
            Path made = Files.createDirectories(folder.resolve(name));
            Files.writeString(
                    made.resolve("extension.json"),
                    Files.readString(source.resolve("extension.json")).replace("${extension.version}", "1.0.0"));
            Files.copy(source.resolve("HandlerManifest.json"), made.resolve("HandlerManifest.json"));
            copy(source.resolve("programs"), made.resolve("programs"));
            copy(Repository.ROOT.resolve("extension-kit/src/main/sh"), made.resolve("programs"));
            copy(
                    Repository.ROOT.resolve("system-tests/src/test/resources/backup-without-systemd/bin"),
                    made.resolve("bin"));
            plane.publish(made, "1.0.0");
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName().toString()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }
}
