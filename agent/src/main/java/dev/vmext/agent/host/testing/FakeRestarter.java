package dev.vmext.agent.host.testing;

import dev.vmext.agent.host.Restarter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers the reasons instead of restarting anything. Thread-safe. */
public final class FakeRestarter implements Restarter {
    private final List<String> reasons = new CopyOnWriteArrayList<>();

    public List<String> reasons() {
        return List.copyOf(reasons);
    }

    @Override
    public void restart(String reason) {
        reasons.add(reason);
    }
}
