package dev.vmext.fleet;

import dev.vmext.fleet.alert.Alert;
import dev.vmext.fleet.alert.AlertRule;
import dev.vmext.fleet.alert.Silence;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;

/** What silences look at: an alert's own labels, with rule, severity, machine and the machine's labels. For one look at one project. */
final class AlertLabels {
    private final Map<String, Machine> machines;

    AlertLabels(FleetView view, String project) {
        machines = view.machines(project).stream().collect(Collectors.toMap(Machine::id, machine -> machine));
    }

    /** The machine's name; its id when it is gone. */
    String machine(String id) {
        Machine machine = machines.get(id);
        return machine == null ? id : machine.name();
    }

    Map<String, String> of(Alert alert, AlertRule rule) {
        Map<String, String> labels = new HashMap<>();
        Machine machine = machines.get(alert.key().machineId());
        if (machine != null) {
            machine.labels().forEach((label, value) -> labels.put("machine_label_" + label, value));
        }
        labels.putAll(alert.key().labels());
        labels.put("rule", rule.name());
        labels.put("severity", rule.severity().text());
        labels.put("machine", machine(alert.key().machineId()));
        return labels;
    }

    /** Whether nobody is told of an alert now. */
    BiPredicate<Alert, AlertRule> silenced(List<Silence> silences, Instant now) {
        List<Silence> active =
                silences.stream().filter(silence -> silence.active(now)).toList();
        return (alert, rule) -> {
            if (active.isEmpty()) {
                return false;
            }
            Map<String, String> labels = of(alert, rule);
            return active.stream().anyMatch(silence -> silence.covers(labels));
        };
    }
}
