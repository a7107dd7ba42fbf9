package dev.vmext.fleet;

import java.time.Instant;
import java.util.Optional;

/** Who is connected right now. The gateway keeps it in memory only: a heartbeat never writes to the store. Thread-safe. */
public interface Liveness {
    Liveness NOBODY = new Liveness() {
        @Override
        public boolean online(String machineId) {
            return false;
        }

        @Override
        public Optional<Instant> findLastSeen(String machineId) {
            return Optional.empty();
        }
    };

    boolean online(String machineId);

    /** Empty when it was not seen since the server started; then the stored time counts. */
    Optional<Instant> findLastSeen(String machineId);
}
