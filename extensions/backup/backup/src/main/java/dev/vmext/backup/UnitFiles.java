package dev.vmext.backup;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The units of systemd of one installation, as text, and which of them must be active. Pure. */
final class UnitFiles {
    private static final String HEAD = "# Written by vmext.Backup; removed with it.\n[Unit]\n";

    private UnitFiles() {}

    private static String name(String installation) {
        return "vmext-backup-" + installation;
    }

    static String scheduled(String installation) {
        return name(installation) + ".service";
    }

    /** A run that somebody asked for. Another unit than the scheduled one, so that systemd does not take both for the same. */
    static String now(String installation) {
        return name(installation) + ".now.service";
    }

    static String timer(String installation) {
        return name(installation) + ".timer";
    }

    static String socket(String installation) {
        return name(installation) + ".metrics.socket";
    }

    static String answer(String installation) {
        return name(installation) + ".metrics@.service";
    }

    /** Those that are enabled and active all the time. */
    static List<String> expected(String installation, BackupSettings settings) {
        List<String> units = new ArrayList<>(List.of(socket(installation)));
        if (settings.schedule().kind() != Schedule.Kind.MANUAL) {
            units.add(timer(installation));
        }
        return units;
    }

    /** Every unit file by name, each unit before those that need it. */
    static Map<String, String> files(Places places, BackupSettings settings) {
        String installation = places.installation();
        String programs = "/var/lib/vmext-backup/" + installation + "/bin";
        Map<String, String> files = new TreeMap<>();
        files.put(scheduled(installation), service(programs, "scheduled", installation, settings));
        files.put(now(installation), service(programs, "now", installation, settings));
        files.put(socket(installation), HEAD + """
                Description=Metrics of the backup %s

                [Socket]
                ListenStream=%s
                SocketMode=0600
                DirectoryMode=0700
                Accept=true
                MaxConnections=4
                RemoveOnStop=true

                [Install]
                WantedBy=sockets.target
                """.formatted(installation, places.socket()));
        files.put(answer(installation), HEAD + """
                Description=One answer with metrics of the backup %s
                CollectMode=inactive-or-failed

                [Service]
                ExecStart=/bin/sh %s/metrics
                StandardInput=socket
                StandardOutput=socket
                StandardError=journal
                RuntimeMaxSec=30
                MemoryMax=32M
                TasksMax=16
                PrivateNetwork=true
                NoNewPrivileges=true
                ProtectSystem=strict
                """.formatted(installation, programs));
        if (settings.schedule().kind() != Schedule.Kind.MANUAL) {
            files.put(timer(installation), timerText(installation, settings.schedule()));
        }
        return files;
    }

    private static String service(String programs, String kind, String installation, BackupSettings settings) {
        BackupSettings.Limits limits = settings.limits();
        StringBuilder more = new StringBuilder();
        if (limits.memoryMiB() > 0) {
            more.append("MemoryMax=").append(limits.memoryMiB()).append("M\n");
        }
        if (limits.cpuPercent() > 0) {
            more.append("CPUQuota=").append(limits.cpuPercent()).append("%\n");
        }
        return HEAD
                + """
                Description=Backup %s (%s)
                Wants=network-online.target
                After=network-online.target

                [Service]
                Type=oneshot
                ExecStart=/bin/sh %s/backup %s
                ExecStopPost=/bin/sh %s/backup-ended %s
                TimeoutStartSec=infinity
                TimeoutStopSec=120
                # The program is told; it ends restic, which gives its lock back, and thaws what was frozen.
                KillMode=mixed
                SuccessExitStatus=143
                Nice=%d
                IOSchedulingClass=%s
                OOMPolicy=stop
                %s""".formatted(installation, kind, programs, kind, programs, kind, limits.nice(), limits.io(), more);
    }

    private static String timerText(String installation, Schedule schedule) {
        // Not OnActiveSec: backups came a minute after a daemon-reload, which seems to begin that anew. What counts
        // from the boot is over on a machine that runs, so the first backup comes when the timer is started.
        String when = schedule.kind() == Schedule.Kind.CALENDAR
                ? "OnCalendar=" + schedule.calendar() + "\nPersistent=true"
                : "OnBootSec=5min\nOnUnitActiveSec=" + schedule.everyMinutes() + "min";
        return HEAD + """
                Description=When the backup %s is made

                [Timer]
                %s
                RandomizedDelaySec=%dm
                FixedRandomDelay=true
                AccuracySec=1s
                Unit=%s

                [Install]
                WantedBy=timers.target
                """.formatted(installation, when, schedule.jitterMinutes(), scheduled(installation));
    }
}
