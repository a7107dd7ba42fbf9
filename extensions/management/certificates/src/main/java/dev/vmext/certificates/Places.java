package dev.vmext.certificates;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where on the machine the extension keeps what. The root is {@code /}; tests give another one, so that they write nowhere else. */
record Places(Path root) {
    /** Configuration, as this handler writes it and the programs read it. Others may reach the folders of certificates in it. */
    Path configuration() {
        return root.resolve("etc/vmext-certificates");
    }

    Path state() {
        return root.resolve("var/lib/vmext-certificates");
    }

    /** The programs that units run: copies, because the package's own folder goes away during an update while one may run. */
    Path programs() {
        return state().resolve("bin");
    }

    /** What is wanted, for the programs. Root only: hooks and variables may hold secrets. */
    Path wanted() {
        return configuration().resolve("wanted");
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
