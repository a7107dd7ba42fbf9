package dev.vmext.fleet.testing;

import dev.vmext.fleet.Liveness;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A test says who is connected. Thread-safe. */
public final class FakeLiveness implements Liveness {
    private final Set<String> online = ConcurrentHashMap.newKeySet();
    private final Map<String, Instant> seen = new ConcurrentHashMap<>();

    public void connect(String machineId, Instant at) {
        online.add(machineId);
        seen.put(machineId, at);
    }

    public void disconnect(String machineId) {
        online.remove(machineId);
    }

    @Override
    public boolean online(String machineId) {
        return online.contains(machineId);
    }

    @Override
    public Optional<Instant> findLastSeen(String machineId) {
        return Optional.ofNullable(seen.get(machineId));
    }
}
