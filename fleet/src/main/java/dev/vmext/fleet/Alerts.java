package dev.vmext.fleet;

import dev.vmext.fleet.FleetChange.AlertChange;
import dev.vmext.fleet.alert.Alert;
import dev.vmext.fleet.alert.AlertNotice;
import dev.vmext.fleet.alert.AlertRule;
import dev.vmext.fleet.alert.AlertText;
import dev.vmext.fleet.alert.Evaluation;
import dev.vmext.fleet.alert.Grouping;
import dev.vmext.fleet.alert.MetricSource;
import dev.vmext.fleet.alert.PlatformSeries;
import dev.vmext.fleet.alert.SeriesWindow;
import dev.vmext.protocol.api.AlertView;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;

/**
 * What rules say of machines. Looks come from one caller at a time, views from any thread. Behind {@link Fleet}.
 *
 * <p>A look reads first, asks the series without holding anything, and then applies what changed in one transaction for each rule; a rule
 * that was changed meanwhile refuses that, and the next look comes to the same.
 */
final class Alerts {
    private final FleetParts parts;
    private final Liveness liveness;

    Alerts(FleetParts parts, Liveness liveness) {
        this.parts = parts;
        this.liveness = liveness;
    }

    /** Newest first. */
    List<AlertView> list(String project) {
        return parts.store().read(view -> {
            AlertLabels labels = new AlertLabels(view, Problems.getProject(view, project));
            Map<String, AlertRule> rules = AlertRules.inForce(AlertRules.stored(view, project));
            BiPredicate<Alert, AlertRule> silenced = labels.silenced(view.silences(project), parts.now());
            List<AlertView> shown = new ArrayList<>();
            for (Alert alert : view.alerts(project)) {
                AlertRule rule = rules.get(alert.key().rule());
                if (rule != null) {
                    shown.add(shown(alert, rule, labels.machine(alert.key().machineId()), silenced.test(alert, rule)));
                }
            }
            shown.sort(Comparator.comparing(AlertView::since).reversed());
            return shown;
        });
    }

    private static AlertView shown(Alert alert, AlertRule rule, String machine, boolean silenced) {
        Map<String, String> labels = alert.key().labels();
        return new AlertView(
                alert.key().rule(),
                machine,
                labels,
                alert.phase().wire(),
                rule.severity().text(),
                alert.value(),
                AlertText.fill(rule.summary(), machine, labels, alert.value()),
                AlertText.fill(rule.hint(), machine, labels, alert.value()),
                alert.since(),
                alert.firedAt(),
                silenced);
    }

    /** Looks at all rules of all projects. */
    void look(MetricSource kept) {
        for (String project : parts.store().read(FleetView::projects)) {
            Look look = parts.store().read(view -> new Look(view, project));
            MetricSource source = new PlatformSource(project, look.machines, look.installations, liveness, kept);
            for (AlertRule rule : look.rules) {
                look(project, rule, look, source);
            }
        }
    }

    /** What is the same for all rules of a project. */
    private final class Look implements Evaluation.Machines {
        private final List<Machine> machines;
        private final List<Installation> installations;
        private final List<AlertRule> rules;
        private final Map<String, Machine> byId;

        Look(FleetView view, String project) {
            machines = view.machines(project);
            installations = view.projectInstallations(project);
            rules = List.copyOf(
                    AlertRules.inForce(AlertRules.stored(view, project)).values());
            byId = machines.stream().collect(Collectors.toMap(Machine::id, machine -> machine));
        }

        @Override
        public boolean concerned(AlertRule rule, String machineId) {
            Machine machine = byId.get(machineId);
            return machine != null && !machine.deleting() && rule.isAbout(machine.labels());
        }

        /** Its id when it is gone. */
        String name(String machineId) {
            Machine machine = byId.get(machineId);
            return machine == null ? machineId : machine.name();
        }

        @Override
        public boolean online(String machineId) {
            return liveness.online(machineId);
        }
    }

    private void look(String project, AlertRule rule, Look look, MetricSource source) {
        List<Alert> before = parts.store().read(view -> view.alerts(project, rule.name()));
        Instant now = parts.now();
        Evaluation seen = Evaluation.of(rule, project, before, source, look, now);
        if (seen.isNothing()) {
            return;
        }
        try {
            parts.store().transact(Actor.SYSTEM, view -> Decision.silent(changes(view, rule, seen, look, now), true));
        } catch (ProblemException moved) {
            passOver(moved);
        }
    }

    /** Somebody changed a rule meanwhile; the next look comes to what is right then. */
    private static void passOver(ProblemException moved) {
        if (moved.code() != ProblemCode.REVISION_CONFLICT) {
            throw moved;
        }
    }

    private List<FleetChange> changes(FleetView view, AlertRule rule, Evaluation seen, Look look, Instant now) {
        List<FleetChange> changes = new ArrayList<>();
        seen.put().forEach(alert -> changes.add(new AlertChange.AlertPut(alert)));
        seen.gone().forEach(alert -> changes.add(new AlertChange.AlertGone(alert.project(), alert.key())));
        FindingDraft findings = new FindingDraft(view, parts.ids(), now);
        for (Alert alert : seen.fired()) {
            String machine = look.name(alert.key().machineId());
            findings.controlPlaneSays(AlertFindings.open(alert, rule, machine), machine);
        }
        for (Alert alert : seen.resolved()) {
            findings.controlPlaneSays(
                    AlertFindings.over(alert), look.name(alert.key().machineId()));
        }
        changes.addAll(findings.changes());
        return changes;
    }

    /**
     * Tells whoever wants to know what has come up or is over, grouped by rule. What is told and that it was told is stored together, so
     * nothing is told twice or never.
     *
     * @param lastTold when each rule's last message was made, kept by the caller between calls; losing it only makes a message come early
     */
    void tell(Map<String, Instant> lastTold) {
        for (String project : parts.store().read(FleetView::projects)) {
            Instant now = parts.now();
            List<AlertNotice> due = parts.store().read(view -> due(view, project, lastTold, now));
            for (AlertNotice notice : due) {
                try {
                    parts.store().transact(Actor.SYSTEM, view -> Decision.silent(told(view, notice, now), true));
                    lastTold.put(project + "/" + notice.rule(), now);
                } catch (ProblemException moved) {
                    passOver(moved);
                }
            }
        }
    }

    private static List<AlertNotice> due(FleetView view, String project, Map<String, Instant> lastTold, Instant now) {
        Map<String, AlertRule> rules = AlertRules.inForce(AlertRules.stored(view, project));
        BiPredicate<Alert, AlertRule> silenced = new AlertLabels(view, project).silenced(view.silences(project), now);
        Map<String, Instant> last = new HashMap<>();
        rules.keySet().forEach(rule -> {
            Instant told = lastTold.get(project + "/" + rule);
            if (told != null) {
                last.put(rule, told);
            }
        });
        return Grouping.due(
                project,
                view.alerts(project),
                alert -> {
                    AlertRule rule = rules.get(alert.key().rule());
                    return rule == null || silenced.test(alert, rule);
                },
                last,
                now);
    }

    private List<FleetChange> told(FleetView view, AlertNotice notice, Instant now) {
        List<FleetChange> changes = new ArrayList<>();
        notice.fired().forEach(alert -> changes.add(new AlertChange.AlertPut(alert.withToldPhase())));
        notice.resolved().forEach(alert -> changes.add(new AlertChange.AlertGone(alert.project(), alert.key())));
        AlertRule rule =
                AlertRules.inForce(AlertRules.stored(view, notice.project())).get(notice.rule());
        if (rule != null) {
            changes.addAll(AlertMessage.deliveries(view, notice, rule, parts.ids(), now));
        }
        return changes;
    }

    /**
     * What the control plane knows of each machine by itself, one number for each series, by machine id.
     *
     * @param kept where the numbers of earlier moments are
     */
    Map<String, List<PlatformSample>> platformSeries(MetricSource kept) {
        Map<String, List<PlatformSample>> all = new HashMap<>();
        for (String project : parts.store().read(FleetView::projects)) {
            Look look = parts.store().read(view -> new Look(view, project));
            PlatformSource source = new PlatformSource(project, look.machines, look.installations, liveness, kept);
            for (String metric : PlatformSeries.KEPT) {
                for (SeriesWindow one : source.newest(project, metric, List.of(), parts.now(), Duration.ZERO)) {
                    all.computeIfAbsent(one.machineId(), id -> new ArrayList<>())
                            .add(new PlatformSample(
                                    metric, one.labels(), one.points().getLast().value()));
                }
            }
        }
        return all;
    }
}
