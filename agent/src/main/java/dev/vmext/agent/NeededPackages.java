package dev.vmext.agent;

import dev.vmext.agent.fetch.PackageStore;
import dev.vmext.agent.plan.Planner;
import java.io.IOException;

/** Deletes packages that neither the goal nor a way back needs any more. Used by the loop. */
final class NeededPackages {
    private static final System.Logger LOG = System.getLogger(NeededPackages.class.getName());

    private final PackageStore packages;
    private final GoalInForce goal;
    private final Ledger ledger;

    NeededPackages(PackageStore packages, GoalInForce goal, Ledger ledger) {
        this.packages = packages;
        this.goal = goal;
        this.ledger = ledger;
    }

    void keepOnlyThose() {
        try {
            packages.keepOnly(Planner.needed(goal.state(), ledger.entries().values()));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot delete packages, trying again later: {0}", e.getMessage());
        }
    }
}
