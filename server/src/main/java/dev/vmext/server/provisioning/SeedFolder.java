package dev.vmext.server.provisioning;

import dev.vmext.fleet.provider.SeedFiles;
import dev.vmext.server.config.WholeFile;
import dev.vmext.server.json.StrictJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Keeps the seed of a machine from before its first boot until the machine is deleted, only readable by the server's user: a server that
 * dies between writing the seed and booting the machine must come back with the same token, because the other one would be void.
 */
final class SeedFolder {
    private final Path folder;

    /** The content of one file. */
    record Kept(String userData, String metaData) {}

    SeedFolder(Path folder) {
        this.folder = folder;
    }

    Optional<SeedFiles> find(String machineId) {
        try {
            Kept kept = StrictJson.read(Files.readAllBytes(file(machineId)), Kept.class);
            return Optional.of(new SeedFiles(kept.userData(), kept.metaData()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the seed of machine " + machineId, e);
        }
    }

    void put(String machineId, SeedFiles seed) {
        try {
            Files.createDirectories(folder);
            WholeFile.writePrivate(file(machineId), StrictJson.write(new Kept(seed.userData(), seed.metaData())));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep the seed of machine " + machineId, e);
        }
    }

    void remove(String machineId) {
        try {
            Files.deleteIfExists(file(machineId));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove the seed of machine " + machineId, e);
        }
    }

    private Path file(String machineId) {
        return folder.resolve(machineId + ".json");
    }
}
