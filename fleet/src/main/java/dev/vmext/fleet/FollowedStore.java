package dev.vmext.fleet;

import dev.vmext.protocol.api.AuditEntry;
import dev.vmext.protocol.api.ChangeEvent;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Function;

/** A store that stores every decision together with its {@link Consequences}. As thread-safe as the store behind it, which it owns. */
final class FollowedStore implements FleetStore {
    private final FleetStore store;
    private final Consequences consequences;
    private final InstantSource clock;

    FollowedStore(FleetStore store, Consequences consequences, InstantSource clock) {
        this.store = store;
        this.consequences = consequences;
        this.clock = clock;
    }

    @Override
    public <A> A transact(Actor actor, Decider<A> decider) {
        return store.transact(
                actor,
                view -> consequences.with(
                        view, decider.decide(view), clock.instant().truncatedTo(ChronoUnit.MILLIS)));
    }

    @Override
    public <A> A read(Function<FleetView, A> query) {
        return store.read(query);
    }

    @Override
    public List<AuditEntry> auditFrom(long number, int limit) {
        return store.auditFrom(number, limit);
    }

    @Override
    public List<AuditEntry> newestAudit(int limit) {
        return store.newestAudit(limit);
    }

    @Override
    public List<ChangeEvent> changesAfter(long id, int limit) {
        return store.changesAfter(id, limit);
    }

    @Override
    public long lastChange() {
        return store.lastChange();
    }

    @Override
    public void onCommit(ChangeListener listener) {
        store.onCommit(listener);
    }

    @Override
    public void close() {
        store.close();
    }
}
