package dev.vmext.agent.host.testing;

import dev.vmext.agent.host.ForeignLocks;
import dev.vmext.agent.host.LockHolder;
import dev.vmext.packageformat.manifest.Lease;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;

/** Locks that a test takes and releases. Thread-safe. */
public final class FakeForeignLocks implements ForeignLocks {
    private final Map<Long, Holder> held = new ConcurrentSkipListMap<>();

    private record Holder(long session, LockHolder holder) {}

    /** From now on this process of this session holds it. */
    public void hold(LockHolder holder, long session) {
        held.put(holder.pid(), new Holder(session, holder));
    }

    public void release(long pid) {
        held.remove(pid);
    }

    @Override
    public List<LockHolder> holders(Lease lease, Set<Long> ours) throws IOException {
        List<LockHolder> foreign = new ArrayList<>();
        for (Holder one : held.values()) {
            if (!ours.contains(one.session())) {
                foreign.add(one.holder());
            }
        }
        return foreign;
    }
}
