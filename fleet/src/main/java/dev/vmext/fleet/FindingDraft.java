package dev.vmext.fleet;

import dev.vmext.fleet.Finding.Content;
import dev.vmext.fleet.Finding.Resolution;
import dev.vmext.fleet.Finding.Sights;
import dev.vmext.fleet.Finding.Standing;
import dev.vmext.protocol.finding.FindingItem;
import dev.vmext.protocol.finding.FindingReport;
import dev.vmext.protocol.finding.FindingSeverity;
import dev.vmext.protocol.finding.FindingState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What several sights do to the findings there are. Lives for one decision, on its thread. */
final class FindingDraft {
    /** Of one machine; beyond them resolved ones go first, then new ones are not taken and that is told. */
    static final int MOST = 10_000;
    /** Where an extension declares nothing else. */
    static final Duration AGE = Duration.ofDays(90);
    /** How long a resolved one is kept. */
    static final Duration RETENTION = Duration.ofDays(30);

    static final String LOST = "findings-lost";

    private final FleetView view;
    private final IdSource ids;
    private final Instant now;
    private final Map<Finding.Key, Finding> changed = new LinkedHashMap<>();
    private final List<FleetChange> gone = new ArrayList<>();

    FindingDraft(FleetView view, IdSource ids, Instant now) {
        this.view = view;
        this.ids = ids;
        this.now = now;
    }

    /** What a machine saw, in its order. */
    void machineSays(Machine machine, List<FindingItem> items) {
        Set<String> there = new HashSet<>();
        view.installations(machine.id()).forEach(one -> there.add(one.name()));
        view.unmanaged(machine.id()).forEach(one -> there.add(one.name()));
        long room = MOST - view.countFindings(machine.project(), machine.id());
        long refused = 0;
        for (FindingItem item : items) {
            FindingReport report = item.report();
            Finding.Key key = new Finding.Key(
                    machine.project(),
                    machine.id(),
                    Finding.Source.MACHINE,
                    report.installation(),
                    report.type(),
                    report.subject());
            Finding before = find(key).orElse(null);
            if (report.resolved()) {
                resolve(before, Resolution.REPORTED);
                continue;
            }
            if (before == null && room <= 0) {
                room += forgetResolved(machine);
                if (room <= 0) {
                    refused += item.times();
                    continue;
                }
            }
            room -= before == null ? 1 : 0;
            Finding after = seen(
                    before,
                    key,
                    machine.name(),
                    report.extension(),
                    new Content(report.severity(), report.title(), report.evidence()),
                    new Sights(past(item.first()), past(report.at()), item.times()),
                    report.age() == null ? AGE : report.age());
            boolean orphan = !report.installation().isEmpty() && !there.contains(report.installation());
            if (orphan) {
                resolve(after, Resolution.INSTALLATION_REMOVED);
            }
        }
        if (refused > 0) {
            controlPlaneSays(
                    new OwnFinding(
                            machine.project(),
                            machine.id(),
                            Finding.Source.CONTROL_PLANE,
                            LOST,
                            machine.name(),
                            FindingSeverity.HIGH,
                            false,
                            "findings were not taken: the machine has " + MOST + " that are not resolved",
                            Map.of("lastRefused", String.valueOf(refused))),
                    machine.name());
        }
    }

    /** Machines' clocks may be wrong; nothing was seen in the future. */
    private Instant past(Instant told) {
        Instant millis = Instant.ofEpochMilli(Math.max(0, told.toEpochMilli()));
        return millis.isAfter(now) ? now : millis;
    }

    /** Says the same again is no change. */
    void controlPlaneSays(OwnFinding said, String machineName) {
        Finding before = find(said.key()).orElse(null);
        if (said.resolved()) {
            resolve(before, Resolution.REPORTED);
            return;
        }
        Content content = new Content(said.severity(), said.title(), said.evidence());
        if (before == null || before.resolved() || !before.content().equals(content)) {
            seen(before, said.key(), machineName, "", content, new Sights(now, now, 1), null);
        }
    }

    private Finding seen(
            @Nullable Finding before,
            Finding.Key key,
            String machineName,
            String extension,
            Content content,
            Sights sights,
            @Nullable Duration age) {
        Instant due = age == null ? null : now.plus(age);
        Finding after;
        if (before == null) {
            after = new Finding(
                    ids.newId(), key, machineName, extension, content, sights, Standing.open(now), age, due, 0);
        } else {
            boolean opens = before.resolved()
                    || (before.standing().state() == FindingState.ACKNOWLEDGED
                            && content.severity().compareTo(before.content().severity()) > 0);
            after = new Finding(
                    before.id(),
                    key,
                    machineName,
                    extension,
                    content,
                    before.sights().and(sights.first(), sights.last(), sights.times()),
                    opens ? Standing.open(now) : before.standing(),
                    age,
                    due,
                    before.revision());
        }
        changed.put(key, after);
        return after;
    }

    /** Nothing happens to one that is not there or resolved already. */
    void resolve(@Nullable Finding before, Resolution why) {
        if (before != null && !before.resolved()) {
            changed.put(before.key(), before.with(before.standing().resolved(why, now), now.plus(RETENTION)));
        }
    }

    /** Looks again later. */
    void postpone(Finding finding, Duration time) {
        changed.put(finding.key(), finding.with(finding.standing(), now.plus(time)));
    }

    void forget(Finding finding) {
        changed.remove(finding.key());
        gone.add(new FleetChange.FindingGone(finding.id(), finding.key().project(), finding.machine()));
    }

    private long forgetResolved(Machine machine) {
        List<Finding> resolved = view.oldestResolvedFindings(machine.project(), machine.id(), 100);
        long made = 0;
        for (Finding one : resolved) {
            if (!changed.containsKey(one.key()) && gone.stream().noneMatch(change -> isOf(change, one))) {
                forget(one);
                made++;
            }
        }
        return made;
    }

    private static boolean isOf(FleetChange change, Finding one) {
        return change instanceof FleetChange.FindingGone(String id, String _, String _) && id.equals(one.id());
    }

    private Optional<Finding> find(Finding.Key key) {
        Finding draft = changed.get(key);
        return draft != null
                ? Optional.of(draft)
                : view.findFinding(key).filter(stored -> gone.stream().noneMatch(change -> isOf(change, stored)));
    }

    List<FleetChange> changes() {
        List<FleetChange> all = new ArrayList<>(gone);
        changed.values().forEach(finding -> all.add(new FleetChange.FindingPut(finding)));
        return all;
    }
}
