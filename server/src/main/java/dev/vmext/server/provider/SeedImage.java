package dev.vmext.server.provider;

import dev.vmext.fleet.provider.ProviderProblem;
import dev.vmext.fleet.provider.SeedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes the cloud-init seed: an ISO 9660 file system with the label {@code cidata}, which every distribution's cloud image
 * looks for. Uses whichever of the usual programs is installed.
 */
record SeedImage(HostPrograms programs) {
    static final List<String> PROGRAMS = List.of("xorrisofs", "genisoimage", "mkisofs");

    void write(SeedFiles seed, Path machineFolder) throws IOException {
        Path program = programs.findAny(PROGRAMS)
                .orElseThrow(() -> new ProviderProblem(
                        ProviderProblem.Kind.MISSING_PACKAGES,
                        "cannot make the seed of a machine: none of " + String.join(", ", PROGRAMS) + " is installed",
                        "install the package xorriso"));
        // In the machine's folder, which is private: the seed holds a token.
        Path folder = Files.createTempDirectory(machineFolder, ".seed-");
        try {
            Files.writeString(folder.resolve("user-data"), seed.userData());
            Files.writeString(folder.resolve("meta-data"), seed.metaData());
            Path made = folder.resolve("seed.iso");
            List<String> command = new ArrayList<>(
                    List.of(program.toString(), "-quiet", "-V", "cidata", "-J", "-r", "-o", made.toString()));
            command.add(folder.resolve("user-data").toString());
            command.add(folder.resolve("meta-data").toString());
            programs.check(command, Optional.of(folder));
            Files.move(
                    made,
                    machineFolder.resolve("seed.iso"),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Folders.delete(folder);
        }
    }
}
