package dev.vmext.agent.doctor;

import dev.vmext.agent.config.Places;
import dev.vmext.agent.host.ForeignLocks;
import dev.vmext.agent.host.HostState;
import dev.vmext.agent.host.LockHolder;
import dev.vmext.packageformat.manifest.Lease;
import dev.vmext.protocol.status.CauseClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Space, memory, mounts, systemd, package managers, a restart that is due. */
final class HostChecks {
    private static final long MIB = 1L << 20;
    private static final long LITTLE_SPACE = 500 * MIB;
    private static final long NO_SPACE = 50 * MIB;
    private static final long FEW_INODES = 5_000;
    private static final long LITTLE_MEMORY_KIB = 128 * 1024;
    private static final long NO_MEMORY_KIB = 32 * 1024;

    private final Places places;
    private final HostState host;
    private final ForeignLocks locks;

    HostChecks(Places places, HostState host, ForeignLocks locks) {
        this.places = places;
        this.host = host;
        this.locks = locks;
    }

    List<Finding> examine() {
        List<Finding> findings = new ArrayList<>();
        Set<Path> seen = new LinkedHashSet<>();
        for (Path folder : List.of(
                places.handlers(),
                places.packages(),
                places.journal(),
                places.log().resolveSibling(""),
                Path.of("/tmp"),
                Path.of("/"))) {
            try {
                HostState.Volume volume = host.volume(folder);
                if (seen.add(volume.mountPoint())) {
                    findings.addAll(volume(volume));
                }
                if (folder.equals(places.handlers()) && volume.noExec()) {
                    findings.add(Finding.fail(
                            "noexec",
                            CauseClass.PERMISSION,
                            volume.mountPoint() + " is mounted noexec, so no handler in " + folder + " can be run",
                            "mount -o remount,exec " + volume.mountPoint()));
                }
            } catch (IOException unreadable) {
                findings.add(Doctor.broken("disk", unreadable));
            }
        }
        findings.add(memory());
        findings.add(
                Files.isDirectory(Path.of("/run/systemd/system"))
                        ? Finding.ok("systemd", "runs")
                        : Finding.warn(
                                "systemd",
                                CauseClass.PLATFORM,
                                "this machine was not started with systemd: handlers that install services will fail",
                                "use extensions that need no systemd"));
        findings.add(
                Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"))
                        ? Finding.ok("cgroups", "version 2")
                        : Finding.warn(
                                "cgroups",
                                CauseClass.PLATFORM,
                                "there is no cgroup v2: handlers run without limits",
                                "start the kernel with systemd.unified_cgroup_hierarchy=1"));
        findings.add(packageManager());
        findings.add(restart());
        return findings;
    }

    private static List<Finding> volume(HostState.Volume volume) {
        List<Finding> findings = new ArrayList<>();
        String free = volume.mountPoint() + " has " + volume.freeBytes() / MIB + " MiB free";
        String inodes = volume.freeInodes() == HostState.UNKNOWN ? "" : ", " + volume.freeInodes() + " inodes";
        if (volume.readOnly()) {
            findings.add(Finding.fail(
                    "disk",
                    CauseClass.DISK,
                    volume.mountPoint() + " is mounted read-only",
                    "mount it read-write; if it became so by itself, look at dmesg for errors of the disk"));
        } else if (volume.freeBytes() < NO_SPACE) {
            findings.add(Finding.fail("disk", CauseClass.DISK, free, "free space there"));
        } else if (volume.freeInodes() != HostState.UNKNOWN && volume.freeInodes() < FEW_INODES) {
            findings.add(Finding.fail(
                    "inodes", CauseClass.DISK, free + inodes, "delete folders with many small files there"));
        } else if (volume.freeBytes() < LITTLE_SPACE) {
            findings.add(Finding.warn("disk", CauseClass.DISK, free, "free space there"));
        } else {
            findings.add(Finding.ok("disk", free + inodes));
        }
        return findings;
    }

    private Finding memory() {
        try {
            long available = host.availableKiB();
            String words = available / 1024 + " MiB available";
            if (available == HostState.UNKNOWN) {
                return Finding.unseen("memory", "the kernel does not say how much is free", "");
            }
            return available < NO_MEMORY_KIB
                    ? Finding.fail("memory", CauseClass.MEMORY, words, "end what uses it, or give the machine more")
                    : available < LITTLE_MEMORY_KIB
                            ? Finding.warn(
                                    "memory", CauseClass.MEMORY, words, "end what uses it, or give the machine more")
                            : Finding.ok("memory", words);
        } catch (IOException unreadable) {
            return Doctor.broken("memory", unreadable);
        }
    }

    private Finding packageManager() {
        try {
            List<LockHolder> holders = locks.holders(Lease.PACKAGE_MANAGER, Set.of());
            if (!holders.isEmpty()) {
                LockHolder holder = holders.getFirst();
                return Finding.warn(
                        "package-manager",
                        CauseClass.LOCK,
                        "process " + holder.pid() + " (" + holder.command() + ") holds " + holder.what(),
                        "wait until it is done");
            }
            Optional<Path> interrupted = host.interruptedPackageManager();
            return interrupted
                    .map(path -> Finding.fail(
                            "package-manager",
                            CauseClass.PLATFORM,
                            "dpkg was interrupted, see " + path,
                            "dpkg --configure -a"))
                    .orElseGet(() -> Finding.ok("package-manager", "free"));
        } catch (IOException unreadable) {
            return Doctor.broken("package-manager", unreadable);
        }
    }

    private Finding restart() {
        return host.restartMarker()
                .map(marker -> Finding.warn(
                        "restart",
                        CauseClass.REBOOT_PENDING,
                        "a restart of the machine is asked for by " + marker,
                        "restart it when that suits"))
                .orElseGet(() -> Finding.ok("restart", "none is due"));
    }
}
