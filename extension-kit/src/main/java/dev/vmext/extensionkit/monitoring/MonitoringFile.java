package dev.vmext.extensionkit.monitoring;

import dev.vmext.extensionkit.HandlerEnvironment;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.SmallFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * {@code monitoring.json} in the configuration folder of an installation: what the agent is to watch for it, beside what its package
 * declares. The agent reads it after each enable and whenever it changes. Only its owner may read it, because headers of probes may be
 * secret. Every call may be repeated. One thread.
 */
public final class MonitoringFile {
    private final Path file;

    public MonitoringFile(HandlerEnvironment environment) {
        this.file = environment.configFolder().resolve("monitoring.json");
    }

    /**
     * Writes the whole file, so that a reader sees either the old or the new one.
     *
     * @throws IllegalArgumentException when two endpoints or two probes have one name
     */
    public void replace(List<Endpoint> endpoints, List<WatchedProbe> probes) throws IOException {
        distinct("endpoints", endpoints.stream().map(Endpoint::name).toList());
        distinct("probes", probes.stream().map(WatchedProbe::name).toList());
        Json.Obj root = Json.object()
                .with("v", 1)
                .with(
                        "metrics",
                        new Json.Arr(endpoints.stream().map(Endpoint::json).toList()))
                .with(
                        "probes",
                        new Json.Arr(probes.stream().map(WatchedProbe::json).toList()));
        SmallFiles.replace(file, root.text() + "\n", "rw-------");
    }

    /** The agent watches nothing any more but what the package declares. Absent is fine. */
    public void delete() throws IOException {
        Files.deleteIfExists(file);
    }

    private static void distinct(String what, List<String> names) {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            Endpoint.require(seen.add(name), "two " + what + " are called " + name);
        }
    }
}
