package dev.vmext.agent;

import dev.vmext.agent.fetch.PackageStore;
import dev.vmext.packageformat.trust.TrustMode;

/** The trust mode as the machine's owner wrote it down; the log says once when that cannot be read. Used by the loop. */
final class OwnersMode {
    private static final System.Logger LOG = System.getLogger(OwnersMode.class.getName());

    private final PackageStore packages;
    private String told = "";

    OwnersMode(PackageStore packages) {
        this.packages = packages;
    }

    TrustMode now() {
        ModeInForce read = ModeInForce.of(packages::trust);
        String problem = read.problem();
        if (!problem.equals(told)) {
            told = problem;
            LOG.log(
                    System.Logger.Level.WARNING,
                    problem.isEmpty()
                            ? "The trust file is good again"
                            : "Changing nothing on this machine: " + problem);
        }
        return read.mode();
    }
}
