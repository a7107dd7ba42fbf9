package dev.vmext.agent.host.testing;

import dev.vmext.agent.host.HostState;
import dev.vmext.packageformat.manifest.MachineFacts;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A machine that is fit for everything until a test says otherwise. Used by one thread. */
public final class FakeHostState implements HostState {
    private static final Volume FIT = new Volume(Path.of("/"), 100L << 30, 1_000_000, false, false);

    private final Map<Path, Volume> volumes = new TreeMap<>();
    private final Set<String> unknownHosts = new HashSet<>();
    private long availableKiB = 4L << 20;
    private MachineFacts facts = new MachineFacts("linux", "debian", "12", "amd64", "");
    private @Nullable Path interrupted;
    private @Nullable Path marker;
    private Instant now = Instant.parse("2026-11-01T12:00:00Z");
    private Instant atLeast = Instant.parse("2026-01-01T00:00:00Z");

    public FakeHostState volume(Path folder, Volume volume) {
        volumes.put(folder, volume);
        return this;
    }

    public FakeHostState available(long kib) {
        availableKiB = kib;
        return this;
    }

    public FakeHostState facts(MachineFacts value) {
        facts = value;
        return this;
    }

    public FakeHostState interruptedAt(Path path) {
        interrupted = path;
        return this;
    }

    public FakeHostState marker(Path path) {
        marker = path;
        return this;
    }

    public FakeHostState unknownHost(String host) {
        unknownHosts.add(host);
        return this;
    }

    public FakeHostState clock(Instant shown, Instant known) {
        now = shown;
        atLeast = known;
        return this;
    }

    @Override
    public Volume volume(Path folder) {
        return volumes.getOrDefault(folder, FIT);
    }

    @Override
    public long availableKiB() {
        return availableKiB;
    }

    @Override
    public MachineFacts facts() {
        return facts;
    }

    @Override
    public Optional<Path> interruptedPackageManager() {
        return Optional.ofNullable(interrupted);
    }

    @Override
    public Optional<String> unresolvable(String host) {
        return unknownHosts.contains(host) ? Optional.of("Name or service not known") : Optional.empty();
    }

    @Override
    public Instant now() {
        return now;
    }

    @Override
    public Instant atLeast() {
        return atLeast;
    }

    @Override
    public Optional<Path> restartMarker() {
        return Optional.ofNullable(marker);
    }
}
