package dev.vmext.certificates;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The units of systemd that do the work, as text, and which of them must be active. Pure. */
final class UnitFiles {
    static final String PREFIX = "vmext-certificates";
    static final String RENEW = PREFIX + "-renew.service";
    private static final String RENEW_TIMER = PREFIX + "-renew.timer";
    private static final String METRICS_SOCKET = PREFIX + "-metrics.socket";
    private static final String HEAD = "# Written by vmext.Certificates; removed with it.\n[Unit]\n";

    private UnitFiles() {}

    /** Those that are enabled and must be active all the time. */
    static List<String> expected() {
        return List.of(METRICS_SOCKET, RENEW_TIMER);
    }

    /** Every unit file by name. What else begins with the prefix is to be removed. */
    static Map<String, String> files(CertificateSettings settings) {
        Map<String, String> files = new TreeMap<>();
        files.put(RENEW, HEAD + """
                Description=Renew certificates of services
                Wants=network-online.target
                After=network-online.target

                [Service]
                Type=oneshot
                ExecStart=/bin/sh /var/lib/vmext-certificates/bin/renew
                TimeoutStartSec=1500
                PrivateTmp=true
                """);
        files.put(RENEW_TIMER, HEAD + """
                Description=Look whether certificates must be renewed

                [Timer]
                OnCalendar=%s
                RandomizedDelaySec=%dm
                FixedRandomDelay=true
                AccuracySec=1s
                Persistent=true
                Unit=%s

                [Install]
                WantedBy=timers.target
                """.formatted(settings.calendar(), settings.jitterMinutes(), RENEW));
        files.put(METRICS_SOCKET, HEAD + """
                Description=Metrics of certificates

                [Socket]
                ListenStream=/run/vmext-certificates/metrics.sock
                SocketMode=0600
                DirectoryMode=0700
                Accept=true
                MaxConnections=4
                RemoveOnStop=true

                [Install]
                WantedBy=sockets.target
                """);
        files.put(PREFIX + "-metrics@.service", HEAD + """
                Description=One answer with metrics of certificates
                CollectMode=inactive-or-failed

                [Service]
                ExecStart=/bin/sh /var/lib/vmext-certificates/bin/metrics
                StandardInput=socket
                StandardOutput=socket
                StandardError=journal
                RuntimeMaxSec=30
                MemoryMax=48M
                TasksMax=16
                PrivateNetwork=true
                NoNewPrivileges=true
                ProtectSystem=strict
                ProtectHome=true
                """);
        return files;
    }
}
