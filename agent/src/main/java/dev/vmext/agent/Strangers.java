package dev.vmext.agent;

import dev.vmext.agent.host.ForeignLocks;
import dev.vmext.agent.host.LockHolder;
import dev.vmext.packageformat.manifest.Lease;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * Looks who has a lease. None of our commands that declare it run while somebody asks for it, so whoever has it is a stranger. The log
 * says once when that cannot be seen. Called by workers.
 */
final class Strangers {
    private static final System.Logger LOG = System.getLogger(Strangers.class.getName());

    private final ForeignLocks locks;
    private String told = "";

    Strangers(ForeignLocks locks) {
        this.locks = locks;
    }

    /** Nobody, when it cannot be seen: what would wait for them then goes on. */
    List<LockHolder> holding(Lease lease) {
        try {
            List<LockHolder> holders = locks.holders(lease, Set.of());
            tell("");
            return holders;
        } catch (IOException | RuntimeException e) {
            tell("Cannot see who uses " + lease.text() + ", going on as if nobody did: " + e.getMessage());
            return List.of();
        }
    }

    private synchronized void tell(String problem) {
        if (!problem.isEmpty() && !problem.equals(told)) {
            LOG.log(System.Logger.Level.WARNING, problem);
        }
        told = problem;
    }
}
