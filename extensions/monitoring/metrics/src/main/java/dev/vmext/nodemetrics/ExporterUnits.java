package dev.vmext.nodemetrics;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The text of our two units: a UNIX socket that only root may open, and the exporter behind it. They are our own beside Debian's
 * {@code prometheus-node-exporter.service}, which listens to everybody on a port and may be somebody's already. Pure.
 */
final class ExporterUnits {
    private ExporterUnits() {}

    static String socket() {
        return """
                # Written by vmext.Metrics; removed with it.
                [Unit]
                Description=Where vmext reads the metrics of this machine

                [Socket]
                ListenStream=%s
                SocketMode=0600
                DirectoryMode=0755
                RemoveOnStop=true

                [Install]
                WantedBy=sockets.target
                """.formatted(Places.SOCKET_FILE);
    }

    static String service(MetricsSettings settings) {
        return """
                # Written by vmext.Metrics; removed with it.
                [Unit]
                Description=Metrics of this machine for vmext
                Documentation=https://github.com/prometheus/node_exporter
                Requires=%s
                After=%s

                [Service]
                User=prometheus
                Restart=on-failure
                RestartSec=5
                TimeoutStopSec=20s
                ExecStart=%s
                Environment=GOMAXPROCS=1 GOGC=50
                MemoryMax=128M
                TasksMax=32
                NoNewPrivileges=true
                CapabilityBoundingSet=
                ProtectSystem=full
                RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6
                MemoryDenyWriteExecute=true

                [Install]
                WantedBy=multi-user.target
                """.formatted(Places.SOCKET, Places.SOCKET, command(settings));
    }

    private static String command(MetricsSettings settings) {
        List<String> words = new ArrayList<>(List.of(
                Places.EXPORTER,
                "--web.systemd-socket",
                "--web.disable-exporter-metrics",
                "--collector.disable-defaults"));
        TreeSet<String> collectors = new TreeSet<>(settings.more());
        settings.groups().forEach(group -> collectors.addAll(group.collectors()));
        collectors.forEach(name -> words.add("--collector." + name));
        if (settings.groups().contains(Group.SERVICES)) {
            words.add("--collector.systemd.unit-include=" + anyOf(settings.services()));
            words.add("--collector.systemd.unit-exclude=");
            words.add("--collector.systemd.enable-restarts-metrics");
        }
        MetricsSettings.Ignored ignore = settings.ignore();
        option(words, "diskstats.device-exclude", ignore.disks());
        option(words, "filesystem.mount-points-exclude", ignore.mountPoints());
        option(words, "filesystem.fs-types-exclude", ignore.fileSystemTypes());
        option(words, "netdev.device-exclude", ignore.networkDevices());
        return words.stream().map(ExporterUnits::quoted).collect(Collectors.joining(" "));
    }

    private static void option(List<String> words, String name, String expression) {
        if (!expression.isEmpty()) {
            words.add("--collector." + name + "=" + expression);
        }
    }

    /** A regular expression for names in which a star stands for anything. The exporter anchors it at both ends itself. */
    static String anyOf(List<String> patterns) {
        return patterns.stream()
                .map(pattern -> pattern.replaceAll("[.\\\\]", "\\\\$0").replace("*", ".*"))
                .collect(Collectors.joining("|"));
    }

    /** A word as systemd reads it back: quotes, backslashes, and what it would replace. */
    static String quoted(String word) {
        String safe = word.replace("%", "%%").replace("$", "$$");
        return safe.matches("[A-Za-z0-9/._=:%$+-]+")
                ? safe
                : "\"" + safe.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
