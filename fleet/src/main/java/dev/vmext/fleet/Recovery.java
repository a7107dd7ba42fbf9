package dev.vmext.fleet;

import dev.vmext.fleet.Decision.Note;
import dev.vmext.fleet.FleetChange.SnapshotChange;
import dev.vmext.fleet.Installation.Placement;
import dev.vmext.fleet.Machine.GoalPosition;
import dev.vmext.protocol.JsonText;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.api.MachineRecover;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A lost machine comes back as a new virtual machine. Under its own name it stays the machine it was, with another key: what its old one
 * holds is revoked. Under another name it is a second machine with the same labels and installations. Behind {@link Fleet}.
 */
final class Recovery {
    /** What brings data back out of a backup. */
    private static final String RESTORE = "vmext.Restore";

    private static final String RESTORE_NAME = "recover-";
    private static final int LONGEST_NAME = 64;

    /** What makes the new machine the machine it is, and vmext's own state on it: a backup of everything has that of the lost one. */
    private static final List<String> NEVER_RESTORED = List.of(
            "/boot",
            "/etc/fstab",
            "/etc/machine-id",
            "/etc/netplan",
            "/etc/network",
            "/etc/vmext",
            "/lib/modules",
            "/opt/vmext",
            "/usr/lib/modules",
            "/var/lib/cloud",
            "/var/lib/vmext",
            "/var/lib/vmext-backup",
            "/var/lib/vmext-restore");

    private final FleetParts parts;
    private final Liveness liveness;
    private final RepositoryKeys keys;

    Recovery(FleetParts parts, Liveness liveness) {
        this.parts = parts;
        this.liveness = liveness;
        this.keys = new RepositoryKeys(parts.ids(), parts.sealer());
    }

    /**
     * Where the data comes from.
     *
     * @param backups installations whose repositories are restored onto a new disk
     */
    private record Source(@Nullable Snapshot snapshot, List<Installation> backups) {
        private static final Source NOTHING = new Source(null, List.of());

        String shown() {
            return snapshot != null
                    ? "snapshot " + snapshot.id()
                    : backups.isEmpty()
                            ? "nothing"
                            : backups.stream().map(Installation::name).collect(Collectors.joining(", ", "backup ", ""));
        }
    }

    /** Answers the machine that is made; its provider does the rest. */
    MachineRecord recover(Actor actor, String project, String name, MachineRecover asked) {
        return parts.store().transact(actor, view -> {
            Machine lost = Problems.getMachine(view, project, name);
            Problems.refuseDeleting("recover", lost);
            Snapshots.refuseSelfEnrolled("recover", lost);
            Source source = source(view, lost, asked);
            Snapshot snapshot = source.snapshot();
            Instant now = parts.now();
            String as = asked.as() == null || asked.as().equals(name) ? null : asked.as();
            if (as == null && liveness.online(lost.id())) {
                throw new ProblemException(
                        ProblemCode.MACHINE_NOT_LOST,
                        "cannot recover machine " + name + " in its own place: its agent is connected",
                        "stop it first, or recover it to another name with --as");
            }
            MachineDraft draft = as == null ? again(view, lost, snapshot != null, now) : another(view, lost, as, now);
            restore(draft, lost, source.backups(), now);
            draft.compile(parts.compiler(), now);
            Machine made = draft.machine();
            List<FleetChange> changes = new ArrayList<>(draft.changes());
            if (as == null) {
                changes.add(new FleetChange.TokensVoid(lost.id()));
                changes.addAll(MachineDecisions.revoke(view, lost.id(), ""));
            }
            changes.add(new SnapshotChange.RestorePut(new Restore(
                    parts.ids().newId(),
                    made.id(),
                    project,
                    made.name(),
                    true,
                    true,
                    snapshot == null ? null : snapshot.machineId(),
                    snapshot == null ? null : snapshot.id(),
                    now)));
            return Decision.noted(
                    changes,
                    made.asRecord(),
                    new Note(
                            now,
                            "machine.recover",
                            FleetParts.subject(lost),
                            (as == null ? "in its own place" : "as " + as) + " from " + source.shown()));
        });
    }

    private static Source source(FleetView view, Machine lost, MachineRecover asked) {
        if (asked.snapshot() != null) {
            if (asked.from() != null && !asked.from().equals("snapshot")) {
                throw Problems.invalidValue(
                        "cannot recover machine " + lost.name() + " from " + Problems.shown(asked.from())
                                + " and from snapshot " + Problems.shown(asked.snapshot()),
                        "say one of them");
            }
            return new Source(Snapshots.usable(Snapshots.find(view, lost, asked.snapshot())), List.of());
        }
        Snapshot newest = Snapshots.newestGood(view, lost);
        return switch (asked.from()) {
            case null -> {
                boolean able = newest == null && !view.releases(RESTORE).isEmpty();
                yield new Source(newest, able ? backups(view, lost, true) : List.of());
            }
            case "nothing" -> Source.NOTHING;
            case "snapshot" ->
                new Source(
                        Optional.ofNullable(newest)
                                .orElseThrow(() -> new ProblemException(
                                        ProblemCode.SNAPSHOT_NOT_FOUND,
                                        "cannot recover machine " + lost.name()
                                                + " from a snapshot: it has none that is good",
                                        "recover it without: --from backup or --from nothing")),
                        List.of());
            case "backup" -> {
                List<Installation> backups = backups(view, lost, false);
                if (backups.isEmpty()) {
                    throw new ProblemException(
                            ProblemCode.REPOSITORY_NOT_FOUND,
                            "cannot recover machine " + lost.name()
                                    + " from a backup: none of its installations has a repository here",
                            "recover it without: --from snapshot or --from nothing");
                }
                yield new Source(null, backups);
            }
            default ->
                throw Problems.invalidValue(
                        "cannot recover machine " + lost.name() + " from " + Problems.shown(asked.from()),
                        "allowed are snapshot, backup and nothing");
        };
    }

    /**
     * Installations that write into repositories of the control plane.
     *
     * @param filled only where some backup is known to be
     */
    private static List<Installation> backups(FleetView view, Machine lost, boolean filled) {
        Releases releases = new Releases(view);
        return view.installations(lost.id()).stream()
                .filter(Installation::present)
                .filter(one -> RepositoryUse.of(one, releases) instanceof RepositoryUse.Own)
                .filter(one -> view.findRepository(lost.id(), one.name())
                        .filter(repository -> !filled || repository.status().snapshots() > 0)
                        .isPresent())
                .toList();
    }

    /** One restore for each backup. What backs up the new machine before it has its data again is younger than what is restored. */
    private void restore(MachineDraft draft, Machine lost, List<Installation> backups, Instant now) {
        Map<String, InstallationWrite> restores = new TreeMap<>();
        for (Installation backup : backups) {
            String name = RESTORE_NAME + backup.name();
            restores.put(
                    name.substring(0, Math.min(name.length(), LONGEST_NAME)),
                    new InstallationWrite(
                            RESTORE,
                            null,
                            Map.of(
                                    "from", Map.of("machine", lost.id(), "installation", backup.name()),
                                    "snapshot",
                                            now.truncatedTo(ChronoUnit.SECONDS).toString(),
                                    "exclude", NEVER_RESTORED),
                            null,
                            null,
                            null));
        }
        if (!restores.isEmpty()) {
            parts.installations().putAll(draft, restores, now);
        }
    }

    /** What an earlier recovery put there was for the disk of that time. */
    private static boolean restoredOnce(Installation old) {
        return old.want().extension().equals(RESTORE) && old.name().startsWith(RESTORE_NAME);
    }

    /** The same machine with another key. A disk from a snapshot remembers what was done on it; an empty one has everything before it. */
    private MachineDraft again(FleetView view, Machine lost, boolean remembers, Instant now) {
        MachineDraft draft = new MachineDraft(view, new Releases(view), lost);
        GoalPosition goal = lost.goal();
        draft.put(new Machine(
                lost.id(),
                lost.project(),
                lost.name(),
                lost.provider(),
                lost.hardware(),
                lost.labels(),
                lost.trust(),
                lost.condition().wanted(true).now(Machine.Phase.PROVISIONING, "waiting for its provider"),
                lost.facts(),
                null,
                remembers ? goal : new GoalPosition(goal.generation(), goal.digest(), 0, 0, null),
                lost.createdAt(),
                null,
                lost.lastSeen(),
                lost.revision()));
        if (!remembers) {
            for (Installation old : draft.installations()) {
                if (!old.present() || restoredOnce(old)) {
                    draft.remove(old.name());
                    continue;
                }
                draft.put(new Installation(
                        old.machineId(),
                        old.project(),
                        old.machine(),
                        old.name(),
                        old.want(),
                        old.settings(),
                        old.placement(),
                        null,
                        null,
                        old.createdAt(),
                        now,
                        old.revision()));
            }
        }
        return draft;
    }

    private MachineDraft another(FleetView view, Machine lost, String as, Instant now) {
        Machine declared = MachineDecisions.declare(
                view,
                lost.project(),
                parts.ids().newId(),
                new MachineDecisions.Plan(as, lost.provider(), true, lost.hardware(), lost.labels(), lost.trust()),
                now);
        // Its agent may remember the goal of the lost one, and never goes back.
        MachineDraft draft = new MachineDraft(
                view,
                new Releases(view),
                declared.with(new GoalPosition(lost.goal().generation(), "", 0, 0, null)));
        for (Installation old : view.installations(lost.id())) {
            if (old.present() && !restoredOnce(old)) {
                draft.put(copy(draft, old, now));
            }
        }
        return draft;
    }

    private Installation copy(MachineDraft draft, Installation old, Instant now) {
        Machine onto = draft.machine();
        Installation.Settings settings = old.settings();
        SealedSettings sealed = settings.sealed();
        SealedSettings moved =
                sealed == null ? null : parts.sealer().move(old.machineId(), onto.id(), old.name(), sealed);
        return new Installation(
                onto.id(),
                onto.project(),
                onto.name(),
                old.name(),
                old.want(),
                new Installation.Settings(
                        parts.ids().newId(),
                        settings.publicText(),
                        settings.protectedKeys(),
                        withOwnRepository(draft, old, moved, now)),
                Placement.outside(now),
                null,
                null,
                now,
                now,
                0);
    }

    /** A second machine does not write into the repository of the first: it gets one of its own, with a password of its own. */
    private @Nullable SealedSettings withOwnRepository(
            MachineDraft draft, Installation old, @Nullable SealedSettings moved, Instant now) {
        Map<String, Object> open = JsonText.readObject(old.settings().publicText());
        Release release = draft.releases().get(old);
        if (!(RepositoryUse.of(release, open) instanceof RepositoryUse.Own)) {
            return moved;
        }
        String password = keys.password(draft, old.name(), release, open, now).orElseThrow();
        String machine = draft.machine().id();
        Map<String, Object> secret =
                moved == null ? Map.of() : JsonText.readObject(parts.sealer().open(machine, old.name(), moved.text()));
        return parts.sealer().seal(machine, old.name(), JsonText.write(RepositoryKeys.with(secret, password)));
    }
}
