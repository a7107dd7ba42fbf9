package dev.vmext.fleet;

import dev.vmext.fleet.alert.Alert;
import dev.vmext.fleet.alert.AlertNotice;
import dev.vmext.fleet.alert.AlertRule;
import dev.vmext.fleet.alert.AlertText;
import dev.vmext.protocol.JsonWriter;
import dev.vmext.protocol.finding.FindingSeverity;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What a rule has to tell, as one CloudEvent for each webhook that wants it. */
final class AlertMessage {
    /** A message names so many of each sort and counts the rest. */
    private static final int MOST_NAMED = 50;

    private AlertMessage() {}

    static List<FleetChange> deliveries(FleetView view, AlertNotice notice, AlertRule rule, IdSource ids, Instant now) {
        FindingSeverity severity = FindingSeverity.find(rule.severity().text()).orElse(FindingSeverity.MEDIUM);
        AlertLabels names = new AlertLabels(view, notice.project());
        List<FleetChange> changes = new ArrayList<>();
        for (Webhook webhook : view.webhooks(notice.project())) {
            if (webhook.filter().wantsAlerts(severity)) {
                String id = "msg_" + ids.newId();
                changes.add(new FleetChange.DeliveryPut(
                        new Delivery(id, webhook.id(), text(id, notice, rule, names, now), now, 0, now, 0)));
                changes.addAll(Consequences.tooMany(view, webhook, 1, changes));
            }
        }
        return changes;
    }

    private static String text(String id, AlertNotice notice, AlertRule rule, AlertLabels names, Instant now) {
        JsonWriter json = FindingEvent.begin(id, notice.project(), FindingEvent.ALERTS.wire(), now)
                .text("subject", rule.name())
                .text("datacontenttype", "application/json")
                .object("data")
                .text("rule", rule.name())
                .text("severity", rule.severity().text())
                .number("fired", notice.fired().size())
                .number("resolved", notice.resolved().size())
                .number("firing", notice.fired().size() + notice.firing().size());
        list(json, "newAlerts", notice.fired(), rule, names);
        list(json, "resolvedAlerts", notice.resolved(), rule, names);
        return new String(json.end().toBytes(), StandardCharsets.UTF_8);
    }

    private static void list(JsonWriter json, String name, List<Alert> alerts, AlertRule rule, AlertLabels names) {
        json.array(name);
        for (Alert alert : alerts.subList(0, Math.min(MOST_NAMED, alerts.size()))) {
            String machine = names.machine(alert.key().machineId());
            json.object()
                    .text("machine", machine)
                    .strings("labels", alert.key().labels())
                    .text("value", AlertText.number(alert.value()))
                    .text(
                            "summary",
                            AlertText.fill(rule.summary(), machine, alert.key().labels(), alert.value()))
                    .text(
                            "hint",
                            AlertText.fill(rule.hint(), machine, alert.key().labels(), alert.value()))
                    .text("since", alert.since().toString())
                    .end();
        }
        json.end();
    }
}
