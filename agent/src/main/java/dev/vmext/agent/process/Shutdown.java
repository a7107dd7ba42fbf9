package dev.vmext.agent.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Whether the machine is going down, as systemd says. It ends the commands of handlers and the agent in no order: a command that is gone
 * then was not killed by somebody, it is cut off by the restart. Once true it stays so: nobody takes a shutdown back. Thread-safe.
 */
final class Shutdown implements BooleanSupplier {
    private static final System.Logger LOG = System.getLogger(Shutdown.class.getName());
    private static final int SECONDS = 10;

    private volatile boolean begun;

    @Override
    public boolean getAsBoolean() {
        begun = begun || asked();
        return begun;
    }

    private static boolean asked() {
        try {
            Process systemctl = new ProcessBuilder("systemctl", "is-system-running")
                    .redirectErrorStream(true)
                    .start();
            systemctl.getOutputStream().close();
            if (!systemctl.waitFor(SECONDS, TimeUnit.SECONDS)) {
                systemctl.destroyForcibly();
                return false;
            }
            return new String(systemctl.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .strip()
                    .equals("stopping");
        } catch (IOException noSystemd) {
            LOG.log(System.Logger.Level.DEBUG, "Nobody says whether the machine is going down: {0}", noSystemd);
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
