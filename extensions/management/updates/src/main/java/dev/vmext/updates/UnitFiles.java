package dev.vmext.updates;

import dev.vmext.updates.UpdateSettings.Timing;
import dev.vmext.updates.UpdateSettings.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The units of systemd that do the work, as text, and which of them must be active. Pure. */
final class UnitFiles {
    static final String PREFIX = "vmext-updates";
    static final String ASSESS = PREFIX + "-assess.service";
    static final String INSTALL = PREFIX + "-install@.service";
    static final String INSTALL_NOW = PREFIX + "-install@now.service";
    private static final String ASSESS_TIMER = PREFIX + "-assess.timer";
    private static final String METRICS_SOCKET = PREFIX + "-metrics.socket";
    private static final String HEAD = "# Written by vmext.Updates; removed with it.\n[Unit]\n";

    private UnitFiles() {}

    private static String timer(Window window) {
        return PREFIX + "-window-" + window.name() + ".timer";
    }

    /** When a window begins, as systemd writes it. */
    static String calendar(Window window, Timing timing) {
        return "%s *-*-* %s:00 %s".formatted(String.join(",", window.days()), window.start(), timing.zone());
    }

    /** Those that are enabled and must be active all the time. */
    static List<String> expected(UpdateSettings settings) {
        List<String> units = new ArrayList<>(List.of(METRICS_SOCKET, ASSESS_TIMER));
        settings.windows().forEach(window -> units.add(timer(window)));
        return units;
    }

    /** Every unit file by name. What else begins with the prefix is to be removed. */
    static Map<String, String> files(UpdateSettings settings) {
        Map<String, String> files = new TreeMap<>();
        Timing timing = settings.timing();
        files.put(ASSESS, HEAD + """
                Description=Look which updates are missing
                Wants=network-online.target
                After=network-online.target

                [Service]
                Type=oneshot
                ExecStart=/bin/sh /var/lib/vmext-updates/bin/assess
                TimeoutStartSec=3600
                Nice=10
                IOSchedulingClass=idle
                """);
        // Never killed for its time: a package manager that is cut off leaves half of a system.
        files.put(INSTALL, HEAD + """
                Description=Install updates (%i)
                Wants=network-online.target
                After=network-online.target

                [Service]
                Type=oneshot
                ExecStart=/bin/sh /var/lib/vmext-updates/bin/install %i
                TimeoutStartSec=infinity
                TimeoutStopSec=3600
                KillMode=process
                Nice=5
                """);
        files.put(
                ASSESS_TIMER,
                timerText("Look which updates are missing", timing.calendar(), timing.calendarJitterMinutes(), ASSESS));
        for (Window window : settings.windows()) {
            files.put(
                    timer(window),
                    timerText(
                            "Maintenance window " + window.name(),
                            calendar(window, timing),
                            timing.jitterMinutes(),
                            PREFIX + "-install@" + window.name() + ".service"));
        }
        files.put(METRICS_SOCKET, HEAD + """
                Description=Metrics of updates

                [Socket]
                ListenStream=/run/vmext-updates/metrics.sock
                SocketMode=0600
                DirectoryMode=0700
                Accept=true
                MaxConnections=4
                RemoveOnStop=true

                [Install]
                WantedBy=sockets.target
                """);
        files.put(PREFIX + "-metrics@.service", HEAD + """
                Description=One answer with metrics of updates
                CollectMode=inactive-or-failed

                [Service]
                ExecStart=/bin/sh /var/lib/vmext-updates/bin/metrics
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
        return files;
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
}
