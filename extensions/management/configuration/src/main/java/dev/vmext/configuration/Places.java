package dev.vmext.configuration;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where on the machine the extension keeps what. The root is {@code /}; tests give another one, so that they write nowhere else. */
record Places(Path root) {
    Path home() {
        return root.resolve("var/lib/vmext-configuration");
    }

    /** A link to the folder with what is wanted, which changes as a whole. */
    Path wanted() {
        return home().resolve("wanted");
    }

    /** The programs that timers run: copies, because the package's own folder goes away during an update. */
    Path programs() {
        return home().resolve("bin");
    }

    Path state() {
        return home().resolve("state");
    }

    /** Playbooks that other extensions bring, in a folder each. */
    Path packages() {
        return home().resolve("playbooks.d");
    }

    /** What was added to the machine; outlives an update. */
    Path installed() {
        return home().resolve("installed");
    }

    Path scratch() {
        return root.resolve("run/vmext-configuration");
    }

    Path units() {
        return root.resolve("etc/systemd/system");
    }

    boolean hasSystemd() {
        return Files.isDirectory(root.resolve("run/systemd/system"));
    }
}
