package dev.vmext.agent;

import dev.vmext.agent.run.Monitoring;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Notes what it is told. Any thread. */
final class NotedMonitoring implements Monitoring {
    private final List<Declared> declared = new ArrayList<>();
    private final List<Probed> probed = new ArrayList<>();
    private Set<String> running = Set.of();

    @Override
    public synchronized void only(Set<String> installations) {
        running = installations;
    }

    @Override
    public synchronized void declared(Declared next) {
        if (!running.contains(next.installation())) {
            throw new IllegalStateException("declared before it was named: " + next.installation());
        }
        declared.add(next);
    }

    @Override
    public synchronized void probed(Probed next) {
        probed.add(next);
    }

    synchronized List<Declared> declared() {
        return List.copyOf(declared);
    }

    synchronized List<Probed> probed() {
        return List.copyOf(probed);
    }

    synchronized Set<String> running() {
        return running;
    }
}
