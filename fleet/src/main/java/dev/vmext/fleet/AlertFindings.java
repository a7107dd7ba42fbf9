package dev.vmext.fleet;

import dev.vmext.fleet.alert.Alert;
import dev.vmext.fleet.alert.AlertRule;
import dev.vmext.fleet.alert.AlertText;
import dev.vmext.protocol.finding.FindingSeverity;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** An alert as the finding that people see, acknowledge and look back at. */
final class AlertFindings {
    static final String TYPE = "alert";

    /** As many labels as a finding has room for beside what is always there. */
    private static final int MOST_LABELS = 10;

    private AlertFindings() {}

    static OwnFinding open(Alert alert, AlertRule rule, String machine) {
        Map<String, String> evidence = new LinkedHashMap<>();
        evidence.put("rule", rule.name());
        evidence.put("metric", rule.signal().metric());
        evidence.put("value", AlertText.number(alert.value()));
        if (!rule.hint().isEmpty()) {
            evidence.put(
                    "hint", AlertText.fill(rule.hint(), machine, alert.key().labels(), alert.value()));
        }
        new TreeMap<>(alert.key().labels())
                .entrySet().stream()
                        .limit(MOST_LABELS)
                        .forEach(label -> evidence.putIfAbsent(label.getKey(), label.getValue()));
        return new OwnFinding(
                alert.project(),
                alert.key().machineId(),
                Finding.Source.ALERT,
                TYPE,
                subject(alert),
                FindingSeverity.find(rule.severity().text()).orElse(FindingSeverity.MEDIUM),
                false,
                AlertText.fill(rule.summary(), machine, alert.key().labels(), alert.value()),
                evidence);
    }

    static OwnFinding over(Alert alert) {
        return OwnFinding.over(alert.project(), alert.key().machineId(), Finding.Source.ALERT, TYPE, subject(alert));
    }

    /** Which alert of its machine it is. */
    private static String subject(Alert alert) {
        String labels = alert.key().shownLabels();
        return labels.isEmpty() ? alert.key().rule() : alert.key().rule() + " " + labels;
    }
}
