package dev.vmext.server.gateway;

import dev.vmext.server.jdbc.SqliteFleetStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** A gateway with everything on disk in a process of its own, which a test kills and starts again. */
final class RepositoryServer {
    private RepositoryServer() {}

    /**
     * Serves until it is killed. The first time it enrols a machine and writes down what restic needs.
     *
     * @param arguments the data folder, the folder of the machine's files, and the port, 0 for any
     */
    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]);
        Path pems = Path.of(arguments[1]);
        GatewayFixture plane = new GatewayFixture(
                home,
                SqliteFleetStore.open(home),
                GatewayLimits.DEFAULTS,
                BackingUp.now(),
                Integer.parseInt(arguments[2]));
        if (!Files.exists(pems.resolve("machine"))) {
            plane.publishBackup();
            BackingUp.enrol(plane, "web1", "backup", Map.of(), pems).save();
        }
        System.out.println("serving " + plane.gateway.port());
        System.out.flush();
        new CountDownLatch(1).await();
    }
}
