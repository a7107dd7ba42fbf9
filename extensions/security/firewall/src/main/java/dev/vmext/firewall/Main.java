package dev.vmext.firewall;

import dev.vmext.extensionkit.HandlerMain;
import dev.vmext.extensionkit.machine.RealPrograms;
import java.nio.file.Path;
import java.util.Optional;

/** Entry point of bin/handler. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        // For tests only: files go below this folder instead of /. An agent never passes this variable on.
        Path root = Path.of(
                Optional.ofNullable(System.getenv("VMEXT_FIREWALL_ROOT")).orElse("/"));
        HandlerMain.main(new Firewall(new RealPrograms(), new Places(root, Path.of("/"))), arguments);
    }
}
