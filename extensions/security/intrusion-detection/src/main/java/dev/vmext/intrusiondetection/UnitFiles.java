package dev.vmext.intrusiondetection;

import dev.vmext.intrusiondetection.IntrusionSettings.Integrity;
import dev.vmext.intrusiondetection.IntrusionSettings.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The units of systemd that do the work, as text, and which of them must be active. Pure. */
final class UnitFiles {
    static final String PREFIX = "vmext-intrusion-detection";
    static final String BASELINE = PREFIX + "-baseline.service";
    static final String ATTACKS = PREFIX + "-attacks.service";
    private static final String TICK = PREFIX + "-tick.service";
    private static final String TICK_TIMER = PREFIX + "-tick.timer";
    private static final String CHECK = PREFIX + "-check.service";
    private static final String CHECK_TIMER = PREFIX + "-check.timer";
    private static final String METRICS_SOCKET = PREFIX + "-metrics.socket";
    private static final String HEAD = "# Written by vmext.IntrusionDetection; removed with it.\n[Unit]\n";
    private static final String PROGRAM = "/bin/sh /var/lib/vmext-intrusion-detection/bin/";

    private UnitFiles() {}

    /** Those that are enabled and must be active all the time, in the order in which they are started. */
    static List<String> expected(IntrusionSettings settings) {
        List<String> units = new ArrayList<>(List.of(METRICS_SOCKET, TICK_TIMER));
        if (settings.integrity().enabled()) {
            units.add(CHECK_TIMER);
        }
        if (!settings.attacks().jails().isEmpty()) {
            units.add(ATTACKS);
        }
        return units;
    }

    /** Every unit file by name. What else begins with the prefix is to be removed. */
    static Map<String, String> files(IntrusionSettings settings) {
        Map<String, String> files = new TreeMap<>();
        Integrity integrity = settings.integrity();
        files.put(TICK, HEAD + """
                Description=Quick look at watched files

                [Service]
                Type=oneshot
                ExecStart=%stick
                TimeoutStartSec=1800
                Nice=10
                %s
                """.formatted(PROGRAM, limits(settings.resources())));
        files.put(TICK_TIMER, HEAD + """
                Description=Quick looks at watched files

                [Timer]
                OnActiveSec=%1$d
                OnUnitInactiveSec=%1$d
                AccuracySec=1s

                [Install]
                WantedBy=timers.target
                """.formatted(integrity.lookSeconds()));
        if (integrity.enabled()) {
            files.put(BASELINE, HEAD + """
                    Description=Baseline of watched files

                    [Service]
                    Type=oneshot
                    ExecStart=%sbaseline
                    TimeoutStartSec=infinity
                    %s
                    %s
                    """.formatted(PROGRAM, background(), limits(settings.resources())));
            files.put(CHECK, HEAD + """
                    Description=Check of all watched files

                    [Service]
                    Type=oneshot
                    ExecStart=%slook full
                    TimeoutStartSec=infinity
                    %s
                    %s
                    """.formatted(PROGRAM, background(), limits(settings.resources())));
            files.put(CHECK_TIMER, HEAD + """
                    Description=Checks of all watched files

                    [Timer]
                    OnCalendar=%s
                    RandomizedDelaySec=%dm
                    FixedRandomDelay=true
                    AccuracySec=1s
                    Persistent=true

                    [Install]
                    WantedBy=timers.target
                    """.formatted(integrity.calendar(), integrity.jitterMinutes()));
        }
        if (!settings.attacks().jails().isEmpty()) {
            files.put(ATTACKS, HEAD + """
                    Description=Attacks in the logs
                    After=network.target nftables.service vmext-firewall.service

                    [Service]
                    ExecStart=%1$sdetector run
                    ExecStartPost=%1$sdetector wait
                    ExecStopPost=%1$sdetector lifted
                    KillSignal=SIGTERM
                    TimeoutStartSec=180
                    TimeoutStopSec=60
                    Restart=on-failure
                    RestartSec=10
                    ProtectSystem=full
                    PrivateTmp=true
                    %2$s

                    [Install]
                    WantedBy=multi-user.target
                    """.formatted(PROGRAM, limits(settings.resources())));
        }
        files.put(METRICS_SOCKET, HEAD + """
                Description=Metrics of the intrusion detection

                [Socket]
                ListenStream=/run/vmext-intrusion-detection/metrics.sock
                SocketMode=0600
                DirectoryMode=0700
                Accept=true
                MaxConnections=4
                RemoveOnStop=true

                [Install]
                WantedBy=sockets.target
                """);
        files.put(PREFIX + "-metrics@.service", HEAD + """
                Description=One answer with metrics of the intrusion detection
                CollectMode=inactive-or-failed

                [Service]
                ExecStart=%smetrics
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
                """.formatted(PROGRAM));
        return files;
    }

    private static String background() {
        return "Nice=19\nIOSchedulingClass=idle\nOOMScoreAdjust=500";
    }

    private static String limits(Resources resources) {
        return "MemoryMax=%dM\nCPUQuota=%d%%\nTasksMax=64\nNoNewPrivileges=true"
                .formatted(resources.memoryMiB(), resources.cpuPercent());
    }
}
