package dev.vmext.firewall;

import dev.vmext.extensionkit.SmallFiles;
import dev.vmext.extensionkit.machine.Programs;
import dev.vmext.extensionkit.machine.Units;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The units of systemd that work when no handler does: rules at boot, a look at what is loaded, the end of the time for
 * confirmation, counters on a socket. All of them run a shell script for a moment; nothing stays in memory.
 */
final class Services {
    static final String BOOT = "vmext-firewall.service";
    private static final String WATCH = "vmext-firewall-watch.timer";
    private static final String METRICS = "vmext-firewall-metrics.socket";
    private static final String GUARD = "vmext-firewall-guard.timer";
    private static final List<String> NAMES = List.of(
            GUARD,
            WATCH,
            METRICS,
            BOOT,
            "vmext-firewall-guard.service",
            "vmext-firewall-watch.service",
            "vmext-firewall-metrics@.service");

    private final Units units;
    private final Places places;

    Services(Programs programs, Places places) {
        this.units = new Units(programs, places.unitFolder());
        this.places = places;
    }

    boolean possible() {
        return places.hasSystemd();
    }

    /** Writes the units, and a copy for a return to this version. */
    void write(Path copies, FirewallSettings settings) throws IOException {
        Map<String, String> texts = texts(settings);
        for (Map.Entry<String, String> unit : texts.entrySet()) {
            SmallFiles.replace(copies.resolve(unit.getKey()), unit.getValue(), "rw-r--r--");
        }
        units.write(texts);
    }

    /** Starts them, and at every boot. */
    void start() {
        units.enable(BOOT, WATCH, METRICS);
        // A timer that runs learns of a new interval only when it is started again.
        units.restart(WATCH, METRICS);
    }

    /** Takes the units of another version, as it left them. */
    void adopt(Path copies) throws IOException {
        Map<String, String> texts = new LinkedHashMap<>();
        for (String name : NAMES) {
            if (Files.exists(copies.resolve(name))) {
                texts.put(name, Files.readString(copies.resolve(name)));
            }
        }
        units.write(texts);
        start();
    }

    void stop() {
        if (possible()) {
            units.disableNow(List.of(GUARD, WATCH, METRICS, BOOT));
        }
    }

    void remove() throws IOException {
        if (possible()) {
            units.remove(NAMES);
            return;
        }
        for (String name : NAMES) {
            Files.deleteIfExists(places.unitFolder().resolve(name));
        }
    }

    private Map<String, String> texts(FirewallSettings settings) {
        String tool = "/bin/sh " + places.current().resolve("firewall-rules");
        Map<String, String> texts = new LinkedHashMap<>();
        // After nftables.service, because its usual configuration begins by deleting the tables of everybody; and again
        // whenever it is restarted or reloaded, for the same reason.
        texts.put(BOOT, """
                # Written by vmext.Firewall; removed with it.
                [Unit]
                Description=Firewall rules of vmext.Firewall
                Wants=network-pre.target
                Before=network-pre.target shutdown.target
                After=nftables.service local-fs.target
                PartOf=nftables.service
                ReloadPropagatedFrom=nftables.service
                Conflicts=shutdown.target
                DefaultDependencies=no
                RequiresMountsFor=%s %s
                ConditionPathExists=%s

                [Service]
                Type=oneshot
                RemainAfterExit=yes
                ExecStart=%s boot
                ExecReload=%s boot
                %s
                [Install]
                WantedBy=sysinit.target
                """.formatted(places.state(), places.rulesFolder(), places.rules(), tool, tool, sandbox(true)));
        texts.put("vmext-firewall-watch.service", """
                # Written by vmext.Firewall; removed with it.
                [Unit]
                Description=Look at the loaded rules of vmext.Firewall

                [Service]
                Type=oneshot
                ExecStart=%s watch
                %s""".formatted(tool, sandbox(true)));
        texts.put(WATCH, """
                # Written by vmext.Firewall; removed with it.
                [Unit]
                Description=Looks at the loaded rules of vmext.Firewall

                [Timer]
                OnActiveSec=%ds
                OnUnitActiveSec=%ds
                AccuracySec=1s

                [Install]
                WantedBy=timers.target
                """.formatted(settings.driftCheckSeconds(), settings.driftCheckSeconds()));
        texts.put("vmext-firewall-guard.service", """
                # Written by vmext.Firewall; removed with it.
                [Unit]
                Description=Takes back rules of vmext.Firewall that cut off the control plane

                [Service]
                Type=oneshot
                ExecStart=%s guard
                %s""".formatted(tool, sandbox(true)));
        texts.put(GUARD, """
                # Written by vmext.Firewall; removed with it. Started with each change of the rules.
                [Unit]
                Description=End of the time for confirmation of vmext.Firewall

                [Timer]
                OnActiveSec=%ds
                AccuracySec=1s
                """.formatted(Math.max(10, settings.confirmSeconds())));
        texts.put(METRICS, """
                # Written by vmext.Firewall; removed with it.
                [Unit]
                Description=Counters of vmext.Firewall

                [Socket]
                ListenStream=%s
                SocketMode=0600
                Accept=yes
                MaxConnections=4
                RemoveOnStop=yes

                [Install]
                WantedBy=sockets.target
                """.formatted(places.socket()));
        texts.put("vmext-firewall-metrics@.service", """
                # Written by vmext.Firewall; removed with it.
                [Unit]
                Description=Counters of vmext.Firewall
                CollectMode=inactive-or-failed

                [Service]
                ExecStart=%s metrics
                StandardInput=socket
                StandardOutput=socket
                StandardError=journal
                RuntimeMaxSec=20
                %s""".formatted(tool, sandbox(false)));
        return texts;
    }

    private String sandbox(boolean writes) {
        return """
                CapabilityBoundingSet=CAP_NET_ADMIN
                NoNewPrivileges=true
                ProtectHome=true
                ProtectSystem=%s
                """.formatted(writes ? "full\nReadWritePaths=-" + places.rulesFolder() : "strict");
    }
}
