package dev.vmext.server;

import dev.vmext.fleet.Actor;
import dev.vmext.fleet.ChangeListener;
import dev.vmext.fleet.Decider;
import dev.vmext.fleet.FleetStore;
import dev.vmext.fleet.FleetView;
import dev.vmext.protocol.api.AuditEntry;
import dev.vmext.protocol.api.ChangeEvent;
import java.util.List;
import java.util.function.Function;

/** A store that a stopping server does not take with it, as a database file would not be. */
record KeptStore(FleetStore store) implements FleetStore {
    @Override
    public <A> A transact(Actor actor, Decider<A> decider) {
        return store.transact(actor, decider);
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
    public void close() {}
}
