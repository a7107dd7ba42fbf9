package dev.vmext.fleet;

import dev.vmext.fleet.Installation.Conditions;
import dev.vmext.fleet.Installation.Hold;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;

/**
 * Gives up what a machine has not acknowledged in the time its operator allowed. What was never offered leaves the goal; what may have
 * reached the machine is cancelled there, by an order. Pure.
 */
final class Expiry {
    private Expiry() {}

    static boolean expired(Machine machine, Installation installation, Instant now) {
        Instant at = installation.want().conditions().expiresAt();
        long changed = installation.placement().changed();
        boolean acknowledged = changed > 0 && changed <= machine.goal().applied();
        return at != null && installation.present() && !acknowledged && !now.isBefore(at);
    }

    static Hold hold(Machine machine, Installation installation) {
        Instant at = installation.want().conditions().expiresAt();
        return new Hold(
                InstallationState.FAILED,
                new Cause(
                        CauseClass.MACHINE_OFFLINE,
                        "expire",
                        "given up: machine " + machine.name() + " had not acknowledged it by " + at,
                        "when the machine is back, ask for it again: vmext installation retry " + machine.name() + " "
                                + installation.name(),
                        Map.of("expired", String.valueOf(at))));
    }

    /** Whether a goal that is about to leave must be compiled anew first. */
    static boolean due(Machine machine, Collection<Installation> installations, Instant now) {
        return installations.stream().anyMatch(installation -> undone(machine, installation, now));
    }

    private static boolean undone(Machine machine, Installation installation, Instant now) {
        return expired(machine, installation, now)
                && installation.placement().line() != null
                && installation.want().conditions().order() != Order.Kind.CANCEL;
    }

    /** Before a goal is compiled: that is where what was not offered is held back. */
    static void apply(MachineDraft draft, Instant now) {
        for (Installation installation : draft.installations()) {
            if (undone(draft.machine(), installation, now) && installation.offered(draft.machine())) {
                Conditions conditions = installation.want().conditions();
                draft.put(installation.with(
                        installation.want().with(conditions.ordered(Order.Kind.CANCEL, now)),
                        installation.changedAt()));
            }
        }
    }
}
