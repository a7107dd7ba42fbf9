package dev.vmext.firewall;

import dev.vmext.extensionkit.SmallFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The systemd unit that loads the rules at boot, before the network comes up and long before any agent runs. */
final class BootUnit {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final String NAME = "vmext-firewall.service";

    private final Programs programs;
    private final Places places;

    BootUnit(Programs programs, Places places) {
        this.programs = programs;
        this.places = places;
    }

    /** Answers with what went wrong, if something did: the rules work until the next boot all the same. */
    Optional<String> enable(String nft) throws IOException {
        if (!places.hasSystemd()) {
            return Optional.of(
                    "This machine runs no systemd: after a boot the rules are loaded when the agent starts.");
        }
        // After nftables.service, because its usual configuration begins by deleting the tables of everybody.
        SmallFiles.replace(places.unit(), """
                # Written by vmext.Firewall; removed with it.
                [Unit]
                Description=Firewall rules of vmext.Firewall
                Wants=network-pre.target
                Before=network-pre.target shutdown.target
                After=nftables.service
                Conflicts=shutdown.target
                DefaultDependencies=no
                ConditionPathExists=%s

                [Service]
                Type=oneshot
                RemainAfterExit=yes
                StandardInput=null
                ProtectSystem=full
                ProtectHome=true
                ExecStart=%s -f %s

                [Install]
                WantedBy=sysinit.target
                """.formatted(places.rules(), nft, places.rules()), "rw-r--r--");
        Programs.Result result = systemctl("daemon-reload");
        if (result.ok()) {
            result = systemctl("enable", NAME);
        }
        return result.ok()
                ? Optional.empty()
                : Optional.of("The rules will not be loaded at boot: systemctl said " + result.lastLines());
    }

    void disable() {
        if (places.hasSystemd() && Files.exists(places.unit())) {
            systemctl("disable", NAME);
        }
    }

    void remove() throws IOException {
        disable();
        if (Files.deleteIfExists(places.unit()) && places.hasSystemd()) {
            systemctl("daemon-reload");
        }
    }

    private Programs.Result systemctl(String... words) {
        List<String> command = new java.util.ArrayList<>(List.of("systemctl"));
        command.addAll(List.of(words));
        return programs.run(TIMEOUT, "", command);
    }
}
