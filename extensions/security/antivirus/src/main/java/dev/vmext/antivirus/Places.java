package dev.vmext.antivirus;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where on the machine the antivirus keeps what. The root is {@code /}; tests give another one, so that they write nowhere else. */
record Places(Path root) {
    /** Configuration, as this handler writes it and the programs read it. Root only: it may hold the proxy's password. */
    Path configuration() {
        return root.resolve("etc/vmext-antivirus");
    }

    Path state() {
        return root.resolve("var/lib/vmext-antivirus");
    }

    /** The programs that units run: copies, because the package's own folder goes away during an update while a scan may run. */
    Path programs() {
        return state().resolve("bin");
    }

    /** Signatures and lists of exceptions that the extension itself brings. */
    Path ownSignatures() {
        return state().resolve("own");
    }

    /** Signatures that freshclam keeps up to date. */
    Path fetchedSignatures() {
        return state().resolve("db");
    }

    /** Where other extensions and operators put signature files, in a folder of their own each. */
    Path offeredSignatures() {
        return state().resolve("signatures.d");
    }

    Path quarantine() {
        return state().resolve("quarantine");
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

    Optional<Path> findProgram(String name) {
        return List.of("usr/bin", "usr/sbin", "bin", "sbin").stream()
                .map(folder -> root.resolve(folder).resolve(name))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
