package dev.vmext.updates;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where on the machine the extension keeps what. The root is {@code /}; tests give another one, so that they write nowhere else. */
record Places(Path root) {
    /** Configuration, as this handler writes it and the programs read it. Root only: hooks may hold secrets. */
    Path configuration() {
        return root.resolve("etc/vmext-updates");
    }

    Path state() {
        return root.resolve("var/lib/vmext-updates");
    }

    /** The programs that units run: copies, because the package's own folder goes away during an update while one may run. */
    Path programs() {
        return state().resolve("bin");
    }

    Path units() {
        return root.resolve("etc/systemd/system");
    }

    boolean hasSystemd() {
        return Files.isDirectory(root.resolve("run/systemd/system"));
    }

    boolean hasProgram(String name) {
        return List.of("usr/bin", "usr/sbin", "bin", "sbin").stream()
                .map(folder -> root.resolve(folder).resolve(name))
                .anyMatch(Files::isExecutable);
    }
}
