package dev.vmext.fleet;

import dev.vmext.fleet.Installation.Conditions;
import dev.vmext.fleet.Installation.Placement;
import dev.vmext.fleet.Installation.Settings;
import dev.vmext.fleet.Installation.Want;
import dev.vmext.packageformat.manifest.VersionConstraint;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.protocol.status.StatusDetail;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Decides about what is on a machine without being wanted here: forgets records, and takes leftovers away. */
final class Leftovers {
    private Leftovers() {}

    /**
     * Drops the record without asking the machine. What may have reached it stays in sight as unmanaged, and what came after it does so
     * no longer. Forgetting again changes nothing.
     *
     * @return whether something may still run there
     */
    static boolean forget(MachineDraft draft, String name, Instant now) {
        Optional<Installation> known = draft.find(name);
        if (known.isEmpty()) {
            if (draft.findUnmanaged(name).isEmpty() && !draft.wasForgotten(name)) {
                throw Problems.installationNotFound(draft.machine(), name);
            }
            return draft.findUnmanaged(name).isPresent();
        }
        Installation installation = known.get();
        boolean there = installation.mayBeOn(draft.machine());
        InstallationStatus last = last(installation, now);
        draft.remove(name);
        draft.removed(last, Removal.How.FORGOTTEN, now);
        if (there) {
            draft.put(last, false, now);
        }
        for (Installation other : draft.installations()) {
            if (other.want().after().contains(name)) {
                draft.put(other.with(other.want().without(name), now));
            }
        }
        return there;
    }

    private static InstallationStatus last(Installation installation, Instant now) {
        InstallationStatus observed = installation.observed();
        if (observed != null) {
            return observed;
        }
        return new InstallationStatus(
                installation.name(),
                installation.want().extension(),
                null,
                InstallationState.WAITING_MACHINE,
                installation.placement().changed(),
                installation.want().sequence(),
                false,
                null,
                null,
                "",
                null,
                0,
                now,
                now,
                StatusDetail.NONE);
    }

    /** Takes an unmanaged installation off its machine by wanting it absent there. */
    static void declareAbsent(MachineDraft draft, String name, IdSource ids, Instant now) {
        Machine machine = draft.machine();
        InstallationStatus status = draft.findUnmanaged(name)
                .map(Unmanaged::status)
                .orElseThrow(() -> Problems.installationNotFound(machine, name));
        Release release = release(draft.releases().of(status.extension()), status.version())
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.EXTENSION_NOT_FOUND,
                        "cannot uninstall " + name + " from machine " + machine.name() + ": the catalog has no "
                                + Problems.shown(status.extension()),
                        "remove it on the machine: vmext-agent force-remove " + name));
        draft.removeUnmanaged(name);
        draft.put(new Installation(
                machine.id(),
                machine.project(),
                machine.name(),
                name,
                new Want(
                        release.extension(),
                        VersionConstraint.ANY.text(),
                        release.version().text(),
                        release.publication().digest(),
                        Presence.ABSENT,
                        List.of(),
                        Math.max(0, status.sequence()),
                        Conditions.NONE),
                new Settings(ids.newId(), "{}", List.of(), null),
                Placement.outside(now),
                status,
                now,
                now,
                now,
                0));
    }

    /** The version that is there; a removal needs only some version of it. */
    private static Optional<Release> release(List<Release> published, @Nullable String version) {
        return published.stream()
                .filter(release -> release.version().text().equals(version))
                .findFirst()
                .or(() -> published.stream().findFirst());
    }
}
