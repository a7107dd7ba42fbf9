package dev.vmext.fleet;

import dev.vmext.fleet.Finding.Resolution;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a decision brings with it, whoever made it: findings of an installation or a machine that goes are resolved, and what happens to a
 * finding waits in the same transaction to be sent to those who want to know. Pure.
 */
final class Consequences {
    private final IdSource ids;

    Consequences(IdSource ids) {
        this.ids = ids;
    }

    /** The decision with all that follows from it. */
    <A> Decision<A> with(FleetView view, Decision<A> decision, Instant now) {
        FindingDraft draft = new FindingDraft(view, ids, now);
        for (FleetChange change : decision.changes()) {
            switch (change) {
                case FleetChange.MachineGone gone ->
                    view.openFindings(gone.project(), gone.machineId())
                            .forEach(finding -> draft.resolve(finding, Resolution.MACHINE_REMOVED));
                case FleetChange.InstallationGone gone ->
                    left(view, decision, gone.project(), gone.machineId(), gone.name(), draft);
                case FleetChange.UnmanagedGone gone ->
                    left(view, decision, gone.project(), gone.machineId(), gone.name(), draft);
                default -> {
                    // says nothing about what is there
                }
            }
        }
        List<FleetChange> more = draft.changes();
        boolean tells = !more.isEmpty()
                || decision.changes().stream().anyMatch(change -> change instanceof FleetChange.FindingPut);
        if (!tells) {
            return decision;
        }
        List<FleetChange> all = new ArrayList<>(decision.changes());
        Set<String> decided = new HashSet<>();
        for (FleetChange change : all) {
            if (change instanceof FleetChange.FindingPut(var finding)) {
                decided.add(finding.id());
            }
        }
        for (FleetChange change : more) {
            if (!(change instanceof FleetChange.FindingPut(var finding) && decided.contains(finding.id()))) {
                all.add(change);
            }
        }
        all.addAll(messages(view, all, now));
        return new Decision<>(all, decision.answer(), decision.audit());
    }

    private List<FleetChange> messages(FleetView view, List<FleetChange> changes, Instant now) {
        List<FleetChange> messages = new ArrayList<>();
        Map<String, List<Webhook>> webhooks = new HashMap<>();
        Map<String, Long> waiting = new HashMap<>();
        for (FleetChange change : changes) {
            // What alerts come and go is told in groups, see AlertMessage.
            if (!(change instanceof FleetChange.FindingPut(var finding))
                    || finding.key().source() == Finding.Source.ALERT) {
                continue;
            }
            List<Webhook> there = webhooks.computeIfAbsent(finding.key().project(), view::webhooks);
            if (there.isEmpty()) {
                continue;
            }
            FindingEvent event = FindingEvent.between(
                            view.findFinding(finding.id()).orElse(null), finding)
                    .orElse(null);
            for (Webhook webhook : there) {
                boolean aboutItself = finding.key().type().equals(Webhooks.FAILING)
                        && finding.key().subject().equals(webhook.name());
                boolean gone = changes.stream()
                        .anyMatch(other -> other instanceof FleetChange.WebhookGone(String id, String _, String _)
                                && id.equals(webhook.id()));
                if (event != null && !aboutItself && !gone && webhook.filter().wants(event, finding)) {
                    String id = "msg_" + ids.newId();
                    messages.add(new FleetChange.DeliveryPut(
                            new Delivery(id, webhook.id(), event.message(id, finding, now), now, 0, now, 0)));
                    waiting.merge(webhook.id(), 1L, Long::sum);
                }
            }
        }
        webhooks.values()
                .forEach(some -> some.forEach(webhook -> {
                    Long added = waiting.get(webhook.id());
                    if (added != null) {
                        messages.addAll(tooMany(view, webhook, added, changes));
                    }
                }));
        return messages;
    }

    /** A receiver that never comes back must not fill the database: the oldest go, and are counted. */
    static List<FleetChange> tooMany(FleetView view, Webhook webhook, long added, List<FleetChange> changes) {
        long over = view.countDeliveries(webhook.id()) + added - Webhooks.MOST_WAITING;
        boolean decided = changes.stream()
                .anyMatch(change -> change instanceof FleetChange.WebhookPut(var put)
                        && put.id().equals(webhook.id()));
        if (over <= 0 || decided) {
            return List.of();
        }
        List<FleetChange> dropped = new ArrayList<>();
        view.deliveriesBefore(webhook.id(), Instant.ofEpochMilli(Long.MAX_VALUE), (int) over)
                .forEach(old -> dropped.add(new FleetChange.DeliveryGone(old.id())));
        dropped.add(new FleetChange.WebhookPut(webhook.with(webhook.health().losing(over))));
        return dropped;
    }

    /** What is forgotten may be on its machine still, and goes on being found there. */
    private static void left(
            FleetView view, Decision<?> decision, String project, String machineId, String name, FindingDraft draft) {
        boolean managed = view.installations(machineId).stream()
                .anyMatch(one -> one.name().equals(name));
        boolean unmanaged =
                view.unmanaged(machineId).stream().anyMatch(one -> one.name().equals(name));
        for (FleetChange change : decision.changes()) {
            switch (change) {
                case FleetChange.InstallationPut(var one)
                when one.machineId().equals(machineId) && one.name().equals(name) -> managed = true;
                case FleetChange.InstallationGone gone
                when gone.machineId().equals(machineId) && gone.name().equals(name) -> managed = false;
                case FleetChange.UnmanagedPut(var one)
                when one.machineId().equals(machineId) && one.name().equals(name) -> unmanaged = true;
                case FleetChange.UnmanagedGone gone
                when gone.machineId().equals(machineId) && gone.name().equals(name) -> unmanaged = false;
                default -> {
                    // about something else
                }
            }
        }
        if (!managed && !unmanaged) {
            view.openFindings(project, machineId).stream()
                    .filter(finding -> finding.key().installation().equals(name))
                    .forEach(finding -> draft.resolve(finding, Resolution.INSTALLATION_REMOVED));
        }
    }
}
