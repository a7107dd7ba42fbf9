package dev.vmext.antivirus;

import dev.vmext.antivirus.AntivirusSettings.ScheduledScan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The units of systemd that do the work, as text, and which of them must be active. Pure. */
final class UnitFiles {
    static final String PREFIX = "vmext-antivirus";
    static final String UPDATE = PREFIX + "-update.service";
    static final String SIGNATURES = PREFIX + "-signatures.service";
    private static final String UPDATE_TIMER = PREFIX + "-update.timer";
    private static final String SIGNATURES_PATH = PREFIX + "-signatures.path";
    private static final String METRICS_SOCKET = PREFIX + "-metrics.socket";
    private static final String DAEMON = PREFIX + "-clamd.service";
    private static final String ON_ACCESS = PREFIX + "-onaccess.service";
    private static final String HEAD = "# Written by vmext.Antivirus; removed with it.\n[Unit]\n";

    private UnitFiles() {}

    static String scan(String name) {
        return PREFIX + "-scan@" + name + ".service";
    }

    private static String timer(ScheduledScan scan) {
        return PREFIX + "-scan-" + scan.name() + ".timer";
    }

    /** Those that are enabled and must be active all the time, in the order in which they are started. */
    static List<String> expected(AntivirusSettings settings) {
        List<String> units = new ArrayList<>(List.of(METRICS_SOCKET, SIGNATURES_PATH, UPDATE_TIMER));
        settings.scans().forEach(scan -> units.add(timer(scan)));
        if (settings.daemon()) {
            units.add(DAEMON);
        }
        if (settings.onAccess().isPresent()) {
            units.add(ON_ACCESS);
        }
        return units;
    }

    /** Every unit file by name. What else begins with the prefix is to be removed. */
    static Map<String, String> files(AntivirusSettings settings, MemoryBudget memory) {
        Map<String, String> files = new TreeMap<>();
        files.put(PREFIX + "-scan@.service", HEAD + """
                Description=Antivirus scan %%i

                [Service]
                Type=oneshot
                ExecStart=/bin/sh /var/lib/vmext-antivirus/bin/scan %%i
                ExecStopPost=/bin/sh /var/lib/vmext-antivirus/bin/scan-ended %%i
                TimeoutStartSec=infinity
                %s
                # The program itself goes on and tells that ClamAV was killed.
                OOMPolicy=continue
                PrivateNetwork=true
                NoNewPrivileges=true
                ProtectKernelModules=true
                ProtectControlGroups=true
                """.formatted(limits(settings, memory)));
        files.put(UPDATE, HEAD + """
                Description=New signatures for the antivirus
                After=network-online.target

                [Service]
                Type=oneshot
                ExecStart=/bin/sh /var/lib/vmext-antivirus/bin/update
                TimeoutStartSec=3600
                %s
                NoNewPrivileges=true
                PrivateTmp=true
                ProtectHome=true
                """.formatted(limits(settings, memory)));
        files.put(
                UPDATE_TIMER,
                timerText(
                        "Look for new signatures",
                        settings.signatures().calendar(),
                        settings.signatures().jitterMinutes(),
                        UPDATE));
        files.put(SIGNATURES, HEAD + """
                Description=Signatures of packages for the antivirus
                StartLimitIntervalSec=0

                [Service]
                Type=oneshot
                ExecStart=/bin/sh /var/lib/vmext-antivirus/bin/signatures
                %s
                PrivateNetwork=true
                NoNewPrivileges=true
                ProtectHome=true
                """.formatted(limits(settings, memory)));
        files.put(SIGNATURES_PATH, HEAD + """
                Description=Signatures that packages bring for the antivirus

                [Path]
                PathChanged=/var/lib/vmext-antivirus/signatures.d
                TriggerLimitIntervalSec=0

                [Install]
                WantedBy=paths.target
                """);
        files.put(METRICS_SOCKET, HEAD + """
                Description=Metrics of the antivirus

                [Socket]
                ListenStream=/run/vmext-antivirus/metrics.sock
                SocketMode=0600
                DirectoryMode=0700
                Accept=true
                MaxConnections=4
                RemoveOnStop=true

                [Install]
                WantedBy=sockets.target
                """);
        files.put(PREFIX + "-metrics@.service", HEAD + """
                Description=One answer with metrics of the antivirus
                CollectMode=inactive-or-failed

                [Service]
                ExecStart=/bin/sh /var/lib/vmext-antivirus/bin/metrics
                StandardInput=socket
                StandardOutput=socket
                StandardError=journal
                RuntimeMaxSec=30
                MemoryMax=32M
                TasksMax=16
                PrivateNetwork=true
                NoNewPrivileges=true
                ProtectSystem=strict
                ProtectHome=true
                """);
        for (ScheduledScan scan : settings.scans()) {
            files.put(
                    timer(scan),
                    timerText(
                            "Antivirus scan " + scan.name(), scan.calendar(), scan.jitterMinutes(), scan(scan.name())));
        }
        if (settings.daemon()) {
            daemon(files, settings, memory);
        }
        return files;
    }

    private static void daemon(Map<String, String> files, AntivirusSettings settings, MemoryBudget memory) {
        files.put(DAEMON, HEAD + """
                Description=ClamAV in memory for the antivirus

                [Service]
                ExecStartPre=+/bin/sh /var/lib/vmext-antivirus/bin/daemon prepare
                ExecStart=+/bin/sh /var/lib/vmext-antivirus/bin/daemon run
                ExecStartPost=+/bin/sh /var/lib/vmext-antivirus/bin/daemon wait
                RuntimeDirectory=vmext-antivirus-clamd
                RuntimeDirectoryMode=0755
                TimeoutStartSec=600
                Restart=on-failure
                RestartSec=30
                %s
                PrivateNetwork=true
                NoNewPrivileges=true
                ProtectSystem=full

                [Install]
                WantedBy=multi-user.target
                """.formatted(limits(settings, memory)));
        settings.onAccess().ifPresent(_ -> files.put(ON_ACCESS, HEAD + """
                Description=Scans of opened files for the antivirus
                After=%s
                BindsTo=%s

                [Service]
                ExecStart=/bin/sh /var/lib/vmext-antivirus/bin/on-access
                Restart=on-failure
                RestartSec=30
                MemoryMax=256M
                PrivateNetwork=true

                [Install]
                WantedBy=multi-user.target
                """.formatted(DAEMON, DAEMON)));
    }

    private static String timerText(String what, String calendar, int jitterMinutes, String unit) {
        return HEAD + """
                Description=%s

                [Timer]
                OnCalendar=%s
                RandomizedDelaySec=%dm
                FixedRandomDelay=true
                AccuracySec=1s
                Persistent=true
                Unit=%s

                [Install]
                WantedBy=timers.target
                """.formatted(what, calendar, jitterMinutes, unit);
    }

    private static String limits(AntivirusSettings settings, MemoryBudget memory) {
        return """
                MemoryMax=%dM
                CPUQuota=%d%%
                Nice=19
                IOSchedulingClass=idle
                OOMScoreAdjust=900""".formatted(memory.limitMiB(), settings.resources().cpuPercent());
    }
}
