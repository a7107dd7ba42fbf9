package dev.vmext.agent.host;

import dev.vmext.packageformat.manifest.Lease;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** Sees who else uses something of which a machine has one. Looks each time anew; any thread. */
public interface ForeignLocks {
    /**
     * Everybody who holds it now, without those whose session is one of ours; empty when it is free.
     *
     * @param ours ids of sessions of handler commands that run now
     */
    List<LockHolder> holders(Lease lease, Set<Long> ours) throws IOException;
}
