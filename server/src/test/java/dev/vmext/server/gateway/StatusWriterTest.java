package dev.vmext.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.fleet.Actor;
import dev.vmext.fleet.ChangeListener;
import dev.vmext.fleet.Decider;
import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.FleetStore;
import dev.vmext.fleet.FleetView;
import dev.vmext.fleet.Liveness;
import dev.vmext.fleet.MachineStatus;
import dev.vmext.fleet.testing.CountingIds;
import dev.vmext.fleet.testing.FakeSealer;
import dev.vmext.fleet.testing.FakeSettingsValidator;
import dev.vmext.fleet.testing.InMemoryFleetStore;
import dev.vmext.protocol.api.AuditEntry;
import dev.vmext.protocol.api.ChangeEvent;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class StatusWriterTest {
    private final FlakyStore store = new FlakyStore();
    private final StatusWriter writer = new StatusWriter(
            new Fleet(
                    store,
                    ManualClock.atNewYear(),
                    new CountingIds(),
                    new FakeSettingsValidator(),
                    new FakeSealer(),
                    Liveness.NOBODY),
            1000);

    @Test
    void statusesThatCameTogetherAreStoredTogether() {
        List<CompletableFuture<Void>> stored = submit(200);

        writer.start();

        assertThat(CompletableFuture.allOf(stored.toArray(CompletableFuture[]::new)))
                .succeedsWithin(Duration.ofSeconds(20));
        assertThat(store.transactions).hasValue(1);
        writer.stop();
    }

    @Test
    void oneFailureDoesNotKeepTheOthersFromTheStore() {
        store.failures.set(2);
        List<CompletableFuture<Void>> stored = submit(3);

        writer.start();

        assertThat(stored.get(0)).failsWithin(Duration.ofSeconds(20));
        assertThat(stored.get(1)).succeedsWithin(Duration.ofSeconds(20));
        assertThat(stored.get(2)).succeedsWithin(Duration.ofSeconds(20));
        writer.stop();
    }

    @Test
    void stopStoresWhatWasSubmittedAndRefusesTheRest() {
        List<CompletableFuture<Void>> stored = submit(5);
        writer.start();

        writer.stop();

        assertThat(stored).allSatisfy(each -> assertThat(each).isCompleted());
        assertThat(submit(1).getFirst()).isCompletedExceptionally();
    }

    private List<CompletableFuture<Void>> submit(int count) {
        List<CompletableFuture<Void>> stored = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Instant at = Instant.EPOCH.plusSeconds(i);
            stored.add(writer.submit(new MachineStatus(
                    "m",
                    new InstallationStatus(
                            "site",
                            "acme.Web",
                            null,
                            InstallationState.PENDING,
                            1,
                            0,
                            false,
                            null,
                            null,
                            "",
                            null,
                            1,
                            at,
                            at))));
        }
        return stored;
    }

    /** Counts transactions, and fails the first ones when told to. */
    private static final class FlakyStore implements FleetStore {
        private final FleetStore behind = new InMemoryFleetStore();
        private final AtomicInteger transactions = new AtomicInteger();
        private final AtomicInteger failures = new AtomicInteger();

        @Override
        public <A> A transact(Actor actor, Decider<A> decider) {
            transactions.incrementAndGet();
            if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new IllegalStateException("the disk is full");
            }
            return behind.transact(actor, decider);
        }

        @Override
        public <A> A read(Function<FleetView, A> query) {
            return behind.read(query);
        }

        @Override
        public List<AuditEntry> auditFrom(long number, int limit) {
            return behind.auditFrom(number, limit);
        }

        @Override
        public List<AuditEntry> newestAudit(int limit) {
            return behind.newestAudit(limit);
        }

        @Override
        public List<ChangeEvent> changesAfter(long id, int limit) {
            return behind.changesAfter(id, limit);
        }

        @Override
        public long lastChange() {
            return behind.lastChange();
        }

        @Override
        public void onCommit(ChangeListener listener) {
            behind.onCommit(listener);
        }

        @Override
        public void close() {
            behind.close();
        }
    }
}
