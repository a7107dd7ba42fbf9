package dev.vmext.agent.run;

import dev.vmext.packageformat.manifest.Probe;
import java.nio.file.Path;
import java.util.Optional;

/** Asks one probe once. */
public interface Probes {
    /**
     * Why the probe fails, empty when it passes.
     *
     * @param base the package's folder: programs named without leading slash lie there
     */
    Optional<String> ask(Probe probe, Path base) throws InterruptedException;
}
