package dev.vmext.access;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where on the machine the extension keeps what. The root is {@code /}; tests give another one, so that they write nowhere else. */
record Places(Path root) {
    Path state() {
        return root.resolve("var/lib/vmext-access");
    }

    /** A link to the folder with what is wanted, which changes as a whole. */
    Path wanted() {
        return state().resolve("wanted");
    }

    /** Accounts that were made or adopted; as long as there are any, something has to be taken back. */
    Path accounts() {
        return state().resolve("accounts");
    }

    /** The programs that the timer runs: copies, because the package's own folder goes away during an update. */
    Path programs() {
        return state().resolve("bin");
    }

    /** What was added to the machine; outlives an update. */
    Path installed() {
        return state().resolve("installed");
    }

    Path units() {
        return root.resolve("etc/systemd/system");
    }

    boolean hasSystemd() {
        return Files.isDirectory(root.resolve("run/systemd/system"));
    }
}
