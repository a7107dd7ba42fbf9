package dev.vmext.firewall;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where on the machine the firewall keeps what, and where it looks for nft. Both roots are {@code /}; tests give other ones, so
 * that they write nowhere else.
 */
record Places(Path root, Path programs) {
    Path rulesFolder() {
        return root.resolve("etc/vmext-firewall");
    }

    /** What is in force, and what a boot loads. */
    Path rules() {
        return rulesFolder().resolve("rules.nft");
    }

    Path state() {
        return root.resolve("var/lib/vmext-firewall");
    }

    /** A folder for each version of this extension that is on the machine. */
    Path versions() {
        return state().resolve("versions");
    }

    /** Leads to the folder of the version whose rules are in force. */
    Path current() {
        return state().resolve("current");
    }

    Path runFolder() {
        return root.resolve("run/vmext-firewall");
    }

    Path socket() {
        return runFolder().resolve("metrics.sock");
    }

    Path unitFolder() {
        return root.resolve("etc/systemd/system");
    }

    /** The agent's configuration, which names the gateways. */
    Path agentFile() {
        return root.resolve("etc/vmext/agent.json");
    }

    boolean hasSystemd() {
        return Files.isDirectory(root.resolve("run/systemd/system"));
    }

    Optional<String> findNft() {
        return List.of("usr/sbin/nft", "sbin/nft", "usr/bin/nft").stream()
                .map(programs::resolve)
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }
}
