package dev.vmext.nodemetrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Where on the machine what is kept. The root is {@code /}; tests give another one, so that they write nowhere else. */
record Places(Path root) {
    static final String SERVICE = "vmext-metrics.service";
    static final String SOCKET = "vmext-metrics.socket";
    /** The unit that the Debian package brings, which listens to everybody on port 9100. */
    static final String DEBIAN_SERVICE = "prometheus-node-exporter.service";

    static final String SOCKET_FILE = "/run/vmext-metrics/node.sock";
    static final String EXPORTER = "/usr/bin/prometheus-node-exporter";

    Path units() {
        return root.resolve("etc/systemd/system");
    }

    Path state() {
        return root.resolve("var/lib/vmext-metrics");
    }

    Path socket() {
        return root.resolve(SOCKET_FILE.substring(1));
    }

    Path exporter() {
        return root.resolve(EXPORTER.substring(1));
    }

    boolean hasUser(String name) throws IOException {
        Path passwd = root.resolve("etc/passwd");
        if (!Files.exists(passwd)) {
            return false;
        }
        try (Stream<String> lines = Files.lines(passwd)) {
            return lines.anyMatch(line -> line.startsWith(name + ":"));
        }
    }
}
