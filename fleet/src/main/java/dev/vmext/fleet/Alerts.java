package dev.vmext.fleet;

import dev.vmext.fleet.FleetChange.AlertChange;
import dev.vmext.fleet.alert.Alert;
import dev.vmext.fleet.alert.AlertRule;
import dev.vmext.fleet.alert.AlertText;
import dev.vmext.fleet.alert.Evaluation;
import dev.vmext.fleet.alert.MetricSource;
import dev.vmext.protocol.api.AlertView;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
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
            MetricSource source = new PlatformSource(look.machines, look.installations, liveness, kept);
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
            parts.store().transact(Actor.SYSTEM, view -> Decision.silent(changes(seen), true));
        } catch (ProblemException moved) {
            if (moved.code() != ProblemCode.REVISION_CONFLICT) {
                throw moved;
            }
        }
    }

    private static List<FleetChange> changes(Evaluation seen) {
        List<FleetChange> changes = new ArrayList<>();
        seen.put().forEach(alert -> changes.add(new AlertChange.AlertPut(alert)));
        seen.gone().forEach(alert -> changes.add(new AlertChange.AlertGone(alert.project(), alert.key())));
        return changes;
    }
}
