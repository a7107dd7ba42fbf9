package dev.vmext.fleet;

import dev.vmext.protocol.api.AuditEntry;
import dev.vmext.protocol.api.ChangeEvent;
import java.util.List;
import java.util.function.Function;

/**
 * Where the control plane remembers: what is, what was done (an append-only, hash-chained log) and what changed (a feed with growing
 * ids). Thread-safe; decisions are applied one after the other.
 */
public interface FleetStore extends AutoCloseable {
    /**
     * Decides and applies in one transaction: changes, their rows of the change feed, and the audit line. Nothing is stored when the
     * decider throws. Listeners are called after the commit.
     */
    <A> A transact(Actor actor, Decider<A> decider);

    <A> A read(Function<FleetView, A> query);

    /** From this number on (the first is 1), ascending. */
    List<AuditEntry> auditFrom(long number, int limit);

    /** Newest first. */
    List<AuditEntry> newestAudit(int limit);

    /** Ascending. */
    List<ChangeEvent> changesAfter(long id, int limit);

    /** 0 before the first. */
    long lastChange();

    void onCommit(ChangeListener listener);

    @Override
    void close();
}
