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

    Path rules() {
        return rulesFolder().resolve("rules.nft");
    }

    Path state() {
        return root.resolve("var/lib/vmext-firewall");
    }

    Path unitFolder() {
        return root.resolve("etc/systemd/system");
    }

    Path unit() {
        return unitFolder().resolve("vmext-firewall.service");
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
