package dev.vmext.fleet;

import dev.vmext.fleet.FleetChange.AlertChange;
import dev.vmext.fleet.FleetChange.SnapshotChange;
import dev.vmext.protocol.api.ChangeEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What a decision's changes mean to those who watch: one event per thing, and the machines whose agents may have a new goal. */
public final class ChangeFeed {
    private ChangeFeed() {}

    /** The events in the order of the changes, the first with this id. */
    public static List<ChangeEvent> events(List<FleetChange> changes, long firstId) {
        LinkedHashMap<String, ChangeEvent> byThing = new LinkedHashMap<>();
        for (FleetChange change : changes) {
            ChangeEvent event = switch (change) {
                case FleetChange.MachinePut(var machine) -> machine(machine.project(), machine.name(), false);
                case FleetChange.MachineGone gone -> machine(gone.project(), gone.name(), true);
                case FleetChange.MachineTouched(var project, var name) -> machine(project, name, false);
                case FleetChange.InstallationPut(var i) -> installation(i.project(), i.machine(), i.name(), false);
                case FleetChange.InstallationGone gone ->
                    installation(gone.project(), gone.machine(), gone.name(), true);
                case FleetChange.InstallationTouched(var project, var machine, var name) ->
                    installation(project, machine, name, false);
                case FleetChange.UnmanagedPut(var unmanaged) ->
                    machine(unmanaged.project(), unmanaged.machine(), false);
                case FleetChange.UnmanagedGone gone -> machine(gone.project(), gone.machine(), false);
                case FleetChange.ReleasePut(var release) ->
                    new ChangeEvent(0, "extension", "", "", release.extension(), false);
                case FleetChange.CommandPut(var command) ->
                    new ChangeEvent(0, "command", command.project(), command.machine(), command.id(), false);
                case FleetChange.CommandGone gone ->
                    new ChangeEvent(0, "command", gone.project(), gone.machine(), gone.id(), true);
                case SnapshotChange.SnapshotPut(var one) ->
                    new ChangeEvent(0, "snapshot", one.project(), one.machine(), one.id(), false);
                case SnapshotChange.SnapshotGone gone ->
                    new ChangeEvent(0, "snapshot", gone.project(), gone.machine(), gone.id(), true);
                case SnapshotChange.RestorePut _, SnapshotChange.RestoreGone _ -> null;
                case AlertChange.RulePut(var stored) ->
                    new ChangeEvent(
                            0, "alert-rule", stored.project(), "", stored.rule().name(), false);
                case AlertChange.RuleGone(var project, var name) ->
                    new ChangeEvent(0, "alert-rule", project, "", name, true);
                case AlertChange.SilencePut(var silence) ->
                    new ChangeEvent(0, "silence", silence.project(), "", silence.id(), false);
                case AlertChange.SilenceGone(var project, var id) ->
                    new ChangeEvent(0, "silence", project, "", id, true);
                // Each look may write some of them; what people follow is the finding that an alert becomes.
                case AlertChange.AlertPut _, AlertChange.AlertGone _ -> null;
                case FleetChange.RepositoryPut(var repository) ->
                    repository(repository.project(), repository.machine(), repository.installation(), false);
                case FleetChange.RepositoryGone gone ->
                    repository(gone.project(), gone.machine(), gone.installation(), true);
                case FleetChange.FindingPut(var finding) ->
                    finding(finding.key().project(), finding.machine(), finding.id(), false);
                case FleetChange.FindingGone gone -> finding(gone.project(), gone.machine(), gone.id(), true);
                // Each delivery writes one; what people follow is that it is there, and whether its receiver fails.
                case FleetChange.WebhookPut(var webhook) ->
                    webhook.revision() == 0 ? webhook(webhook.project(), webhook.name(), false) : null;
                case FleetChange.WebhookTouched(var project, var name) -> webhook(project, name, false);
                case FleetChange.WebhookGone gone -> webhook(gone.project(), gone.name(), true);
                case FleetChange.RemovalPut _,
                        FleetChange.FindingPositionPut _,
                        FleetChange.DeliveryPut _,
                        FleetChange.DeliveryGone _,
                        FleetChange.TokenPut _,
                        FleetChange.TokensVoid _,
                        FleetChange.CertificatePut _,
                        FleetChange.CredentialPut _,
                        FleetChange.CredentialGone _,
                        FleetChange.CredentialsExpired _,
                        FleetChange.Seen _ -> null;
            };
            if (event != null) {
                String thing = event.kind() + ' ' + event.project() + ' ' + event.machine() + ' ' + event.name();
                byThing.putLast(thing, event);
            }
        }
        List<ChangeEvent> events = new ArrayList<>();
        for (ChangeEvent event : byThing.values()) {
            events.add(new ChangeEvent(
                    firstId + events.size(),
                    event.kind(),
                    event.project(),
                    event.machine(),
                    event.name(),
                    event.gone()));
        }
        return List.copyOf(events);
    }

    /** The machines whose agents may have to be told something: another goal, a command. */
    public static List<String> machines(List<FleetChange> changes) {
        Set<String> ids = new LinkedHashSet<>();
        for (FleetChange change : changes) {
            if (change instanceof FleetChange.MachinePut(var machine)) {
                ids.add(machine.id());
            } else if (change instanceof FleetChange.CommandPut(var command)) {
                ids.add(command.machineId());
            } else if (change instanceof FleetChange.MachineGone gone) {
                ids.add(gone.machineId());
            }
        }
        return List.copyOf(ids);
    }

    private static ChangeEvent machine(String project, String name, boolean gone) {
        return new ChangeEvent(0, "machine", project, name, "", gone);
    }

    private static ChangeEvent installation(String project, String machine, String name, boolean gone) {
        return new ChangeEvent(0, "installation", project, machine, name, gone);
    }

    private static ChangeEvent webhook(String project, String name, boolean gone) {
        return new ChangeEvent(0, "webhook", project, "", name, gone);
    }

    private static ChangeEvent repository(String project, String machine, String installation, boolean gone) {
        return new ChangeEvent(0, "repository", project, machine, installation, gone);
    }

    private static ChangeEvent finding(String project, String machine, String id, boolean gone) {
        return new ChangeEvent(0, "finding", project, machine, id, gone);
    }
}
