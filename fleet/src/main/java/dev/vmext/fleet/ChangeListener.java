package dev.vmext.fleet;

import dev.vmext.protocol.api.ChangeEvent;
import java.util.List;

/**
 * Told after a commit, on the thread that committed, so it must only wake somebody. It is a hint: whoever must not miss a change
 * reads {@code changesAfter}.
 */
@FunctionalInterface
public interface ChangeListener {
    /**
     * A transaction is committed.
     *
     * @param machineIds the machines whose goal may have changed
     * @param events the change feed's rows, in order
     */
    void committed(List<String> machineIds, List<ChangeEvent> events);
}
