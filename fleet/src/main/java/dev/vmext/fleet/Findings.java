package dev.vmext.fleet;

import dev.vmext.fleet.Decision.Note;
import dev.vmext.fleet.Finding.Acknowledgement;
import dev.vmext.fleet.Finding.Resolution;
import dev.vmext.fleet.Finding.Standing;
import dev.vmext.protocol.api.FindingAcknowledge;
import dev.vmext.protocol.api.FindingPage;
import dev.vmext.protocol.api.FindingView;
import dev.vmext.protocol.finding.FindingAck;
import dev.vmext.protocol.finding.FindingBatch;
import dev.vmext.protocol.finding.FindingItem;
import dev.vmext.protocol.finding.FindingState;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;

/** What was detected in the fleet: taken once, aged, acknowledged, forgotten. Behind {@link Fleet}; as thread-safe as the store. */
final class Findings {
    static final int MOST_NOTE = 500;
    /** A machine that is away cannot say that it still is so. */
    private static final Duration AWAY = Duration.ofHours(1);

    private static final int SWEEP = 500;

    private final FleetParts parts;
    private final Liveness liveness;

    Findings(FleetParts parts, Liveness liveness) {
        this.parts = parts;
        this.liveness = liveness;
    }

    /** Entries that are stored already count once; the answer says up to where all are stored. */
    FindingAck report(String machineId, FindingBatch batch) {
        return parts.store().transact(Actor.machine(machineId), view -> {
            Machine machine = Problems.getMachine(view, machineId);
            FindingPosition at = view.findFindingPosition(machineId)
                    .filter(known -> known.epoch().equals(batch.epoch()))
                    .orElse(new FindingPosition(machineId, batch.epoch(), 0, ""));
            // Another entry under the number of the last stored one: a book put back from a copy. Its agent must hear
            // that first.
            boolean other = batch.items().stream()
                    .anyMatch(
                            item -> item.number() == at.number() && !item.mark().equals(at.mark()));
            List<FindingItem> fresh = other
                    ? List.of()
                    : batch.items().stream()
                            .filter(item -> item.number() > at.number())
                            .toList();
            if (fresh.isEmpty()) {
                return Decision.nothing(ack(at));
            }
            FindingDraft draft = new FindingDraft(view, parts.ids(), parts.now());
            draft.machineSays(machine, fresh);
            FindingItem last = fresh.getLast();
            FindingPosition next = new FindingPosition(machineId, batch.epoch(), last.number(), last.mark());
            List<FleetChange> changes = new ArrayList<>(draft.changes());
            changes.add(new FleetChange.FindingPositionPut(next));
            return Decision.silent(changes, ack(next));
        });
    }

    private static FindingAck ack(FindingPosition at) {
        return new FindingAck(at.epoch(), at.number(), at.mark());
    }

    /** All in one transaction. What is about a machine that is gone is passed over. */
    void tell(List<OwnFinding> said) {
        parts.store().transact(Actor.SYSTEM, view -> {
            FindingDraft draft = new FindingDraft(view, parts.ids(), parts.now());
            for (OwnFinding one : said) {
                String id = one.machineId();
                if (id == null) {
                    draft.controlPlaneSays(one, "");
                } else {
                    view.findMachine(id).ifPresent(machine -> draft.controlPlaneSays(one, machine.name()));
                }
            }
            return Decision.silent(draft.changes(), true);
        });
    }

    FindingPage list(String project, FindingFilter filter, int limit) {
        return parts.store().read(view -> {
            Problems.getProject(view, project);
            List<Finding> found = view.findings(project, filter, limit + 1);
            List<FindingView> shown =
                    found.stream().limit(limit).map(Finding::view).toList();
            return new FindingPage(
                    shown, found.size() > limit ? cursor(FindingFilter.Place.of(found.get(limit - 1))) : null);
        });
    }

    private static String cursor(FindingFilter.Place place) {
        return place.lastSeen().toEpochMilli() + "-" + place.id();
    }

    /** What {@link #list} said comes next. */
    static FindingFilter.Place place(String cursor) {
        int dash = cursor.indexOf('-');
        try {
            if (dash > 0) {
                return new FindingFilter.Place(
                        Instant.ofEpochMilli(Long.parseLong(cursor.substring(0, dash))), cursor.substring(dash + 1));
            }
        } catch (NumberFormatException | DateTimeParseException e) {
            // Falls through to the same problem.
        }
        throw Problems.invalidValue(
                "cannot list findings after " + Problems.shown(cursor) + ": it is no place in the list",
                "give the \"next\" of the page before, as it was");
    }

    FindingView get(String project, String id) {
        return parts.store().read(view -> find(view, project, id).view());
    }

    private static Finding find(FleetView view, String project, String id) {
        Problems.getProject(view, project);
        return view.findFinding(id)
                .filter(finding -> finding.key().project().equals(project))
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.FINDING_NOT_FOUND,
                        "cannot find finding " + Problems.shown(id) + ": there is none, or it was resolved more than "
                                + FindingDraft.RETENTION.toDays() + " days ago and forgotten",
                        "vmext finding list --all shows those there are"));
    }

    FindingView acknowledge(Actor actor, String project, String id, FindingAcknowledge request) {
        String note = request.note() == null ? "" : request.note().strip();
        if (note.length() > MOST_NOTE) {
            throw Problems.invalidValue(
                    "cannot acknowledge the finding: the note has " + note.length() + " characters",
                    "at most " + MOST_NOTE + "; link to where the rest is written");
        }
        return parts.store().transact(actor, view -> {
            Finding before = find(view, project, id);
            if (before.resolved()) {
                throw new ProblemException(
                        ProblemCode.FINDING_RESOLVED,
                        "cannot acknowledge finding " + id + ": it is resolved since "
                                + before.standing().since(),
                        "nothing is left to do; it opens again if it is seen again");
            }
            Instant now = parts.now();
            Finding after = before.with(
                    new Standing(
                            FindingState.ACKNOWLEDGED,
                            before.standing().state() == FindingState.ACKNOWLEDGED
                                    ? before.standing().since()
                                    : now,
                            new Acknowledgement(actor.name(), now, note),
                            null),
                    before.dueAt());
            return Decision.noted(
                    List.of(new FleetChange.FindingPut(after)),
                    after.view(),
                    new Note(now, "finding.acknowledge", project + "/" + id, note));
        });
    }

    /** Resolves what was not seen for too long, forgets what is resolved for long enough. */
    void age() {
        Instant now = parts.now();
        if (parts.store().read(view -> view.dueFindings(now, 1)).isEmpty()) {
            return;
        }
        parts.store().transact(Actor.SYSTEM, view -> {
            FindingDraft draft = new FindingDraft(view, parts.ids(), now);
            for (Finding one : view.dueFindings(now, SWEEP)) {
                if (one.resolved()) {
                    draft.forget(one);
                } else if (!one.key().machineId().isEmpty()
                        && !liveness.online(one.key().machineId())) {
                    draft.postpone(one, AWAY);
                } else {
                    draft.resolve(one, Resolution.AGED);
                }
            }
            return Decision.silent(draft.changes(), true);
        });
    }
}
