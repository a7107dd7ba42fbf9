package dev.vmext.configuration;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The units of systemd: when to look and when to apply. */
final class UnitFiles {
    static final String PREFIX = "vmext-configuration";

    private UnitFiles() {}

    /** Timers that run. */
    static List<String> expected(ConfigurationSettings settings) {
        List<String> timers = new ArrayList<>(List.of(timer("check")));
        settings.applyCalendar().ifPresent(_ -> timers.add(timer("apply")));
        return timers;
    }

    static Map<String, String> files(ConfigurationSettings settings) {
        Map<String, String> files = new TreeMap<>();
        // Each run has its own limit, and so has waiting for another; these are only for what nobody thought of.
        files.put(service("check"), serviceText("tick", 2 * settings.timeoutSeconds() + 900));
        // There without its timer too: a run that is under way is not stopped by settings that need none.
        files.put(service("apply"), serviceText("apply", LongRun.WAIT_SECONDS + settings.timeoutSeconds() + 900));
        files.put(timer("check"), timerText("look", settings.checkCalendar(), settings));
        settings.applyCalendar()
                .ifPresent(calendar -> files.put(timer("apply"), timerText("apply", calendar, settings)));
        return files;
    }

    private static String service(String name) {
        return PREFIX + "-" + name + ".service";
    }

    private static String timer(String name) {
        return PREFIX + "-" + name + ".timer";
    }

    private static String serviceText(String verb, int seconds) {
        return """
            # Written by vmext.Configuration; removed with it.
            [Unit]
            Description=Configuration of the machine: %1$s
            After=network-online.target

            [Service]
            Type=oneshot
            ExecStart=/usr/bin/python3 -I /var/lib/vmext-configuration/bin/vmext-configuration %1$s
            TimeoutStartSec=%2$d
            TimeoutStopSec=60
            # It ends Ansible itself, and keeps what was said until then.
            KillMode=mixed
            SuccessExitStatus=143
            Nice=10
            """.formatted(verb, seconds);
    }

    private static String timerText(String what, String calendar, ConfigurationSettings settings) {
        return """
            # Written by vmext.Configuration; removed with it.
            [Unit]
            Description=Configuration of the machine: when to %1$s

            [Timer]
            OnCalendar=%2$s
            RandomizedDelaySec=%3$dm
            FixedRandomDelay=true
            AccuracySec=1s
            Persistent=true

            [Install]
            WantedBy=timers.target
            """.formatted(what, calendar, settings.jitterMinutes());
    }
}
