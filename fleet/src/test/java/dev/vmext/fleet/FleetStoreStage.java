package dev.vmext.fleet;

import dev.vmext.fleet.Machine.Condition;
import dev.vmext.fleet.Machine.GoalPosition;
import dev.vmext.fleet.Machine.Phase;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** An empty store for each test, and the words in which the contracts of stores speak. */
public abstract class FleetStoreStage {
    static final Instant NOW = Instant.parse("2026-01-01T00:00:00.123Z");
    static final Actor ADMIN = Actor.user("admin");

    @SuppressWarnings("NullAway.Init") // by openStore
    FleetStore store;

    /** An empty store. */
    protected abstract FleetStore open();

    @BeforeEach
    void openStore() {
        store = open();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    final void apply(FleetChange... changes) {
        store.transact(ADMIN, view -> Decision.silent(List.of(changes), true));
    }

    static Machine plain(String id, String name) {
        return new Machine(
                id,
                "default",
                name,
                "qemu",
                new Hardware(null, null, null),
                Map.of(),
                null,
                new Condition(Phase.SETTLED, null, null, null, null, true),
                Map.of(),
                null,
                GoalPosition.NONE,
                NOW,
                null,
                null,
                0);
    }

    final <T> List<T> list(Function<FleetView, List<T>> query) {
        return store.read(query);
    }

    final <A> Optional<A> one(Function<FleetView, Optional<A>> query) {
        return store.read(query);
    }
}
