package dev.vmext.backup;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where on the machine one installation keeps what. The root is {@code /}; tests give another one, so that they write nowhere else. */
record Places(Path root, String installation) {
    /** Everything of this installation; root only. */
    Path state() {
        return root.resolve("var/lib/vmext-backup").resolve(installation);
    }

    /** The programs that units run: copies, because the package's own folder goes away during an update while a backup may run. */
    Path programs() {
        return state().resolve("bin");
    }

    /** What was added to the machine; outlives an update. */
    Path installed() {
        return state().resolve("installed");
    }

    /** What the programs read, with secrets in it. */
    Path configuration() {
        return state().resolve("conf");
    }

    /** The same of settings that are tried: those before them stay at work until the repository opened. */
    Path trial() {
        return state().resolve("conf.try");
    }

    Path units() {
        return root.resolve("etc/systemd/system");
    }

    boolean hasSystemd() {
        return Files.isDirectory(root.resolve("run/systemd/system"));
    }

    /** The folder in which the socket for metrics lies. */
    String socket() {
        return "/run/vmext-backup/" + installation + "/metrics.sock";
    }
}
