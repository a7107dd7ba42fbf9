package dev.vmext.agent.host;

import dev.vmext.agent.process.ProcStat;
import dev.vmext.packageformat.manifest.Lease;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Package managers and those who are about to use them, as Linux shows them: lock files of apt, dpkg and rpm, number files of dnf, yum
 * and zypper, a running unattended-upgrade, and cloud-init while a machine starts. Takes no lock and starts no program. No state; any
 * thread. One look reads the table of processes once or twice, which takes milliseconds.
 */
public final class LinuxForeignLocks implements ForeignLocks {
    /** Locked with fcntl (dpkg, apt, rpm) or flock (apt's daily run) while they are used. */
    private static final List<String> LOCK_FILES = List.of(
            "var/lib/dpkg/lock-frontend",
            "var/lib/dpkg/lock",
            "var/lib/apt/lists/lock",
            "var/cache/apt/archives/lock",
            "var/lib/apt/daily_lock",
            "run/unattended-upgrades.lock",
            "var/lib/rpm/.rpm.lock",
            "usr/lib/sysimage/rpm/.rpm.lock");

    /** Hold the number of the process that works; they may be left behind by one that was killed. */
    private static final List<String> PID_FILES = List.of(
            "var/lib/dnf/rpmdb_lock.pid",
            "var/cache/dnf/metadata_lock.pid",
            "var/cache/dnf/download_lock.pid",
            "run/dnf.pid",
            "run/yum.pid",
            "run/zypp.pid");

    private static final String UNATTENDED = "usr/bin/unattended-upgrade";

    /** A file is written a moment after its process began; both times are rounded. */
    private static final Duration ROUNDING = Duration.ofSeconds(2);

    private final Path root;
    private final ProcessTable table;
    private final CloudInit cloudInit;

    /**
     * Looks at this machine.
     *
     * @param root of the files; programs count only if they are installed below it
     * @param proc the process file system
     * @param redact takes secrets out of command lines
     */
    public LinuxForeignLocks(Path root, Path proc, UnaryOperator<String> redact) {
        this.root = root;
        this.table = new ProcessTable(proc, redact);
        this.cloudInit = new CloudInit(root, table);
    }

    @Override
    public List<LockHolder> holders(Lease lease, Set<Long> ours) throws IOException {
        return switch (lease) {
            case PACKAGE_MANAGER -> packageManager(ours);
        };
    }

    private List<LockHolder> packageManager(Set<Long> ours) throws IOException {
        // One process often holds several files; the first one named is the one that others wait for.
        Map<Long, LockHolder> holders = new LinkedHashMap<>();
        KernelLocks locks = KernelLocks.read(table.proc());
        for (String name : LOCK_FILES) {
            Path file = root.resolve(name);
            for (long pid : locks.holders(file)) {
                add(holders, pid, file.toString(), ours);
            }
        }
        for (String name : PID_FILES) {
            long pid = worker(root.resolve(name));
            if (pid > 0) {
                add(holders, pid, root.resolve(name).toString(), ours);
            }
        }
        if (Files.exists(root.resolve(UNATTENDED))) {
            for (long pid : table.running(LinuxForeignLocks::isUnattendedUpgrade)) {
                add(holders, pid, "unattended-upgrades", ours);
            }
        }
        List<LockHolder> all = new ArrayList<>(holders.values());
        cloudInit.working().ifPresent(all::add);
        return all;
    }

    private void add(Map<Long, LockHolder> holders, long pid, String what, Set<Long> ours) {
        if (pid == 0 || !table.belongsTo(pid, ours)) {
            holders.putIfAbsent(pid, new LockHolder(pid, table.command(pid), what));
        }
    }

    /** The script itself, not unattended-upgrade-shutdown, which waits for the end of the machine all the time. */
    private static boolean isUnattendedUpgrade(List<String> words) {
        for (int i = 0; i < Math.min(3, words.size()); i++) {
            String word = words.get(i);
            if (word.endsWith("/unattended-upgrade") || word.endsWith("/unattended-upgrades")) {
                return true;
            }
        }
        return false;
    }

    /** The living process that wrote this file, else 0. A later process that got the same number did not write it. */
    private long worker(Path file) throws IOException {
        try {
            long pid = Long.parseLong(
                    Files.readString(file, StandardCharsets.US_ASCII).strip());
            ProcStat stat = table.find(pid).orElse(null);
            if (stat == null) {
                return 0;
            }
            Instant written = Files.getLastModifiedTime(file).toInstant();
            Instant began = ProcessHandle.of(pid)
                    .flatMap(handle -> handle.info().startInstant())
                    .orElse(written);
            return began.isAfter(written.plus(ROUNDING)) ? 0 : pid;
        } catch (NoSuchFileException | NumberFormatException notThere) {
            return 0;
        }
    }
}
