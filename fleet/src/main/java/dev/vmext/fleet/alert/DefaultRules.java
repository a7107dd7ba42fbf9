package dev.vmext.fleet.alert;

import dev.vmext.fleet.alert.Condition.Comparison;
import dev.vmext.fleet.alert.Signal.Combine;
import dev.vmext.packageformat.manifest.Severity;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The rules that every project begins with. An operator may switch each off or replace it by one of the same name; what is not replaced changes
 * with vmext. Series are those of vmext.Metrics (prometheus-node-exporter) and of the platform itself.
 */
public final class DefaultRules {
    /** Memory and network file systems fill and vanish by design. */
    private static final String REAL_FILE_SYSTEMS =
            "fstype!~tmpfs|ramfs|overlay|squashfs|iso9660|devtmpfs|nfs.*|cifs|fuse.*|autofs";

    private static final Duration NEWEST = Duration.ofMinutes(5);
    private static final Duration NOW = Duration.ZERO;
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private DefaultRules() {}

    /** By name, all enabled. */
    public static List<AlertRule> all() {
        return List.of(
                platform(
                        "machine-offline",
                        "{machine} has not been connected for 5 minutes",
                        "Look whether it runs and reaches the gateway: vmext doctor {machine}",
                        Severity.HIGH,
                        Signal.of(PlatformSeries.MACHINE_ONLINE),
                        Comparison.BELOW,
                        1,
                        Duration.ofMinutes(5)),
                platform(
                        "installation-unhealthy",
                        "{installation} on {machine} has not been healthy for 10 minutes",
                        "vmext installation show {machine} {installation} says why",
                        Severity.MEDIUM,
                        Signal.of(PlatformSeries.INSTALLATION_HEALTHY),
                        Comparison.BELOW,
                        1,
                        Duration.ofMinutes(10)),
                platform(
                        "clock-off",
                        "The clock of {machine} is off by {value} seconds",
                        "Let it keep time with NTP (systemd-timesyncd, chrony)",
                        Severity.MEDIUM,
                        Signal.of(PlatformSeries.CLOCK_SKEW),
                        Comparison.ABOVE,
                        60,
                        Duration.ofMinutes(5)),
                metric(
                        "disk-filling",
                        "{mountpoint} on {machine} has {value:percent} free",
                        "Find what takes the space: du -xh --max-depth=2 {mountpoint} | sort -h",
                        Severity.MEDIUM,
                        Signal.of("node_filesystem_avail_bytes", REAL_FILE_SYSTEMS)
                                .over("node_filesystem_size_bytes"),
                        Comparison.BELOW,
                        0.10,
                        MINUTE),
                metric(
                        "disk-full",
                        "{mountpoint} on {machine} has {value:percent} free",
                        "Programs on it fail or are about to: make room now",
                        Severity.CRITICAL,
                        Signal.of("node_filesystem_avail_bytes", REAL_FILE_SYSTEMS)
                                .over("node_filesystem_size_bytes"),
                        Comparison.BELOW,
                        0.03,
                        NOW),
                new AlertRule(
                        "disk-full-soon",
                        "{mountpoint} on {machine} is full within a day if it goes on like this",
                        "Find what grows, and make room before it is full",
                        Severity.HIGH,
                        Map.of(),
                        Signal.of("node_filesystem_avail_bytes", REAL_FILE_SYSTEMS),
                        new Condition.Forecast(Comparison.BELOW, 0, Duration.ofHours(6), Duration.ofHours(24)),
                        Duration.ofMinutes(15),
                        Duration.ofMinutes(15),
                        true),
                metric(
                        "inodes-running-out",
                        "{mountpoint} on {machine} has {value:percent} of its inodes free",
                        "Find the folder with the many small files: du --inodes -x {mountpoint} | sort -n | tail",
                        Severity.MEDIUM,
                        Signal.of("node_filesystem_files_free", REAL_FILE_SYSTEMS)
                                .over("node_filesystem_files"),
                        Comparison.BELOW,
                        0.05,
                        MINUTE),
                metric(
                        "file-system-read-only",
                        "{mountpoint} on {machine} has become read-only",
                        "The kernel does that after disk errors: look into dmesg before anything else",
                        Severity.CRITICAL,
                        Signal.of("node_filesystem_readonly", REAL_FILE_SYSTEMS, "mountpoint=/"),
                        Comparison.EQUAL,
                        1,
                        MINUTE),
                metric(
                        "memory-low",
                        "{machine} has {value:percent} of its memory available",
                        "See what takes it: ps -eo rss,comm --sort=-rss | head",
                        Severity.HIGH,
                        Signal.of("node_memory_MemAvailable_bytes").over("node_memory_MemTotal_bytes"),
                        Comparison.BELOW,
                        0.05,
                        Duration.ofMinutes(3)),
                rate(
                        "memory-pressure",
                        "Programs on {machine} wait for memory {value:percent} of the time",
                        "Give it more memory, or run less on it",
                        Severity.HIGH,
                        Signal.of("node_pressure_memory_waiting_seconds_total"),
                        Comparison.ABOVE,
                        0.2,
                        Duration.ofMinutes(5)),
                rate(
                        "cpu-busy",
                        "The processors of {machine} have been idle {value:percent} of half an hour",
                        "See what runs: ps -eo pcpu,comm --sort=-pcpu | head",
                        Severity.LOW,
                        Signal.of("node_cpu_seconds_total", "mode=idle").combined(Combine.AVG),
                        Comparison.BELOW,
                        0.05,
                        Duration.ofMinutes(30)),
                rate(
                        "out-of-memory-kill",
                        "The kernel of {machine} killed a process because memory ran out",
                        "dmesg | grep -i 'out of memory' says which",
                        Severity.HIGH,
                        Signal.of("node_vmstat_oom_kill"),
                        Comparison.ABOVE,
                        0,
                        NOW),
                metric(
                        "service-failed",
                        "The service {name} on {machine} has failed",
                        "systemctl status {name} and journalctl -u {name} say why",
                        Severity.HIGH,
                        Signal.of("node_systemd_unit_state", "state=failed"),
                        Comparison.EQUAL,
                        1,
                        NOW),
                metric(
                        "scrape-failing",
                        "The metrics of {source} ({installation}) on {machine} cannot be read",
                        "vmext installation logs {machine} {installation} may say why",
                        Severity.MEDIUM,
                        Signal.of("up"),
                        Comparison.EQUAL,
                        0,
                        Duration.ofMinutes(3)),
                new AlertRule(
                        "metrics-missing",
                        "{machine} is connected, but no metrics of {source} ({installation}) come in",
                        "vmext doctor {machine} looks at both ends",
                        Severity.MEDIUM,
                        Map.of(),
                        Signal.of("up"),
                        new Condition.Absence(Duration.ofMinutes(10), Duration.ofDays(1)),
                        NOW,
                        MINUTE,
                        true));
    }

    private static AlertRule platform(
            String name,
            String summary,
            String hint,
            Severity severity,
            Signal signal,
            Comparison comparison,
            double limit,
            Duration lasts) {
        return new AlertRule(
                name,
                summary,
                hint,
                severity,
                Map.of(),
                signal,
                new Condition.Threshold(comparison, limit, NEWEST),
                lasts,
                NOW,
                true);
    }

    private static AlertRule metric(
            String name,
            String summary,
            String hint,
            Severity severity,
            Signal signal,
            Comparison comparison,
            double limit,
            Duration lasts) {
        return new AlertRule(
                name,
                summary,
                hint,
                severity,
                Map.of(),
                signal,
                new Condition.Threshold(comparison, limit, NEWEST),
                lasts,
                MINUTE,
                true);
    }

    private static AlertRule rate(
            String name,
            String summary,
            String hint,
            Severity severity,
            Signal signal,
            Comparison comparison,
            double limit,
            Duration lasts) {
        return new AlertRule(
                name,
                summary,
                hint,
                severity,
                Map.of(),
                signal,
                new Condition.Rate(comparison, limit, NEWEST),
                lasts,
                MINUTE,
                true);
    }
}
