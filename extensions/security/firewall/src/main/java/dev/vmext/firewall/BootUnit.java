package dev.vmext.firewall;

import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.machine.Programs;
import dev.vmext.extensionkit.machine.Units;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;

/** The systemd unit that loads the rules at boot, before the network comes up and long before any agent runs. */
final class BootUnit {
    private static final String NAME = "vmext-firewall.service";

    private final Units units;
    private final Places places;

    BootUnit(Programs programs, Places places) {
        this.units = new Units(programs, places.unitFolder());
        this.places = places;
    }

    /** Answers with what went wrong, if something did: the rules work until the next boot all the same. */
    Optional<String> enable(String nft) throws IOException {
        if (!places.hasSystemd()) {
            return Optional.of(
                    "This machine runs no systemd: after a boot the rules are loaded when the agent starts.");
        }
        // After nftables.service, because its usual configuration begins by deleting the tables of everybody.
        String text = """
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
                """.formatted(places.rules(), nft, places.rules());
        try {
            units.write(NAME, text);
            units.enable(NAME);
            return Optional.empty();
        } catch (HandlerException e) {
            return Optional.of("The rules will not be loaded at boot: " + e.getMessage());
        }
    }

    void disable() {
        if (places.hasSystemd() && Files.exists(places.unit())) {
            units.disableNow(NAME);
        }
    }

    void remove() throws IOException {
        if (places.hasSystemd()) {
            units.remove(NAME);
        } else {
            Files.deleteIfExists(places.unit());
        }
    }
}
