package dev.vmext.agent.host;

import dev.vmext.agent.config.MachineFactsReader;
import dev.vmext.packageformat.manifest.Lease;
import dev.vmext.packageformat.manifest.MachineFacts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** The machine as Linux shows it. No state; any thread. A name that nobody answers for takes as long as the resolver is patient. */
public final class LinuxHostState implements HostState {
    private static final Path PROC = Path.of("/proc");
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Path root;
    private final ForeignLocks locks;
    private final InstantSource clock;
    private final Supplier<Instant> atLeast;
    private final MachineFacts facts;

    /**
     * Looks at this machine.
     *
     * @param root of the files of package managers
     * @param arch as Java calls it
     * @param atLeast the latest time that is known to have passed
     */
    public LinuxHostState(Path root, ForeignLocks locks, InstantSource clock, Supplier<Instant> atLeast, String arch) {
        this.root = root;
        this.locks = locks;
        this.clock = clock;
        this.atLeast = atLeast;
        Map<String, String> read = MachineFactsReader.read("", "", arch);
        this.facts = new MachineFacts(
                read.getOrDefault("os", "linux"),
                read.getOrDefault("distro", ""),
                read.getOrDefault("osVersion", ""),
                read.getOrDefault("arch", arch),
                "");
    }

    @Override
    public Volume volume(Path folder) throws IOException {
        Path there = folder;
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        Path real = there.toRealPath();
        MountTable.Mount mount = MountTable.read(PROC).of(real);
        return new Volume(
                mount.point(),
                Files.getFileStore(real).getUsableSpace(),
                freeInodes(real),
                mount.readOnly(),
                mount.options().contains("noexec"));
    }

    /** Java does not ask the file system for this. */
    private static long freeInodes(Path folder) throws IOException {
        Process process = new ProcessBuilder("stat", "-f", "-c", "%c %d", folder.toString())
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .start();
        try {
            if (!process.waitFor(PATIENCE)) {
                process.destroyForcibly();
                return UNKNOWN;
            }
            String[] numbers = new String(process.getInputStream().readNBytes(200), StandardCharsets.US_ASCII)
                    .strip()
                    .split(" ", -1);
            // A file system that makes inodes as they are needed says that it has none.
            return numbers.length == 2 && Long.parseLong(numbers[0]) > 0 ? Long.parseLong(numbers[1]) : UNKNOWN;
        } catch (NumberFormatException otherStat) {
            return UNKNOWN;
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return UNKNOWN;
        }
    }

    @Override
    public long availableKiB() throws IOException {
        for (String line : Files.readAllLines(PROC.resolve("meminfo"), StandardCharsets.US_ASCII)) {
            if (line.startsWith("MemAvailable:")) {
                return Long.parseLong(
                        line.substring(line.indexOf(':') + 1).replace("kB", "").strip());
            }
        }
        return UNKNOWN;
    }

    @Override
    public MachineFacts facts() {
        return facts;
    }

    @Override
    public Optional<Path> interruptedPackageManager() throws IOException {
        Path updates = root.resolve("var/lib/dpkg/updates");
        // A dpkg at work has entries there too: only without one they are left-overs.
        if (!Files.isDirectory(updates)
                || !locks.holders(Lease.PACKAGE_MANAGER, Set.of()).isEmpty()) {
            return Optional.empty();
        }
        try (DirectoryStream<Path> left = Files.newDirectoryStream(updates, "[0-9]*")) {
            return left.iterator().hasNext() ? Optional.of(updates) : Optional.empty();
        }
    }

    @Override
    public Optional<String> unresolvable(String host) {
        try {
            InetAddress.getByName(host);
            return Optional.empty();
        } catch (UnknownHostException unknown) {
            String message = unknown.getMessage();
            return Optional.of(message == null ? "no address is known" : message);
        }
    }

    @Override
    public Instant now() {
        return clock.instant();
    }

    @Override
    public Instant atLeast() {
        return atLeast.get();
    }

    @Override
    public Optional<Path> restartMarker() {
        Path marker = root.resolve("run/reboot-required");
        return Files.exists(marker) ? Optional.of(marker) : Optional.empty();
    }
}
