package dev.vmext.intrusiondetection;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where on the machine the extension keeps what. The root is {@code /}; tests give another one, so that they write nowhere else. */
record Places(Path root) {
    /** Configuration, as this handler writes it and the programs read it. */
    Path configuration() {
        return root.resolve("etc/vmext-intrusion-detection");
    }

    Path state() {
        return root.resolve("var/lib/vmext-intrusion-detection");
    }

    /** The programs that units run: copies, because the package's own folder goes away during an update. */
    Path programs() {
        return state().resolve("bin");
    }

    /** The settings for which the baseline was made; there when it is complete. */
    Path baselineSettings() {
        return state().resolve("baseline/aide.conf");
    }

    /** What was added to the machine; outlives an update. */
    Path installed() {
        return state().resolve("installed");
    }

    Path units() {
        return root.resolve("etc/systemd/system");
    }

    /** The filters and actions that the package fail2ban brings. */
    Path fail2ban() {
        return root.resolve("etc/fail2ban");
    }

    /** Every handler may read where the agent's control plane is. */
    Path agentConfiguration() {
        return root.resolve("etc/vmext/agent.json");
    }

    boolean hasSystemd() {
        return Files.isDirectory(root.resolve("run/systemd/system"));
    }

    Optional<Path> findProgram(String name) {
        return List.of("usr/bin", "usr/sbin", "bin", "sbin").stream()
                .map(folder -> root.resolve(folder).resolve(name))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
