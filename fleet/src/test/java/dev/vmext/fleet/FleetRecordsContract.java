package dev.vmext.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.vmext.fleet.FleetChange.AlertChange;
import dev.vmext.fleet.alert.Alert;
import dev.vmext.fleet.alert.AlertKey;
import dev.vmext.fleet.alert.AlertRule;
import dev.vmext.fleet.alert.DefaultRules;
import dev.vmext.fleet.alert.Silence;
import dev.vmext.fleet.alert.StoredRule;
import dev.vmext.fleet.provider.DiskSnapshot;
import dev.vmext.protocol.api.RepositoryPolicy;
import dev.vmext.protocol.api.RepositoryStatus;
import dev.vmext.protocol.exec.CommandState;
import dev.vmext.protocol.finding.FindingSeverity;
import dev.vmext.protocol.finding.FindingState;
import dev.vmext.protocol.metrics.LabelMatcher;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every store of the fleet must do with the records that grow about machines: commands, snapshots, alerts, findings, repositories, webhooks. */
public abstract class FleetRecordsContract extends FleetStoreStage {
    private static Command command(String id, String machineId) {
        return new Command(
                id,
                machineId,
                "default",
                "web1",
                new Command.Request("echo", "sha256:1", "/bin/sh", "www-data", "/tmp", Duration.ofMinutes(3)),
                "user:admin",
                NOW,
                NOW.plusSeconds(60),
                Command.Progress.NEW,
                0);
    }

    @Test
    void keepsCommandsUntilTheirMachineGoes() {
        apply(new FleetChange.MachinePut(plain("m1", "web1")), new FleetChange.CommandPut(command("c1", "m1")));
        Command stored = store.read(view -> view.findCommand("c1")).orElseThrow();
        assertThat(stored).isEqualTo(command("c1", "m1").stored(1));

        Command.Progress ended = new Command.Progress(
                CommandState.TIMED_OUT,
                true,
                NOW,
                NOW.plusSeconds(1),
                null,
                new Cause(CauseClass.TIMEOUT, "run", "m", "h", Map.of("k", "v")),
                3,
                4,
                true);
        apply(new FleetChange.CommandPut(stored.with(ended)));
        Command over = store.read(view -> view.commands("m1")).getFirst();
        assertThat(over.progress()).isEqualTo(ended);
        assertThat(over.request().script()).isEmpty();
        assertThat(waiting()).isEmpty();

        apply(new FleetChange.MachineGone("m1", "default", "web1"));
        boolean there = store.read(view -> view.findCommand("c1").isPresent());
        assertThat(there).isFalse();
    }

    private List<Command> waiting() {
        return store.read(view -> view.waitingCommands(NOW.plusSeconds(60)));
    }

    @Test
    void findsCommandsThatWaitedTooLongAndRefusesAnOldRevision() {
        apply(new FleetChange.MachinePut(plain("m1", "web1")), new FleetChange.CommandPut(command("c1", "m1")));
        List<Command> early = store.read(view -> view.waitingCommands(NOW.plusSeconds(59)));
        assertThat(early).isEmpty();
        assertThat(waiting()).hasSize(1);
        assertThatThrownBy(() ->
                        apply(new FleetChange.CommandPut(command("c1", "m1").stored(7))))
                .isInstanceOf(ProblemException.class);
        apply(new FleetChange.CommandGone("c1", "default", "web1"));
        assertThat(waiting()).isEmpty();
    }

    private static Snapshot snapshot(String id) {
        return new Snapshot(
                id,
                "m1",
                "default",
                "web1",
                new Snapshot.Wish(Snapshot.Consistency.AUTO, true, 3, 5),
                Snapshot.State.TAKING,
                null,
                null,
                null,
                "user:admin",
                NOW,
                null,
                0);
    }

    @Test
    void keepsSnapshotsAndRestoresUntilTheirMachineGoes() {
        Restore restore = new Restore("r1", "m1", "default", "web1", true, false, "m0", "s0", NOW);
        apply(
                new FleetChange.MachinePut(plain("m1", "web1")),
                new FleetChange.SnapshotChange.SnapshotPut(snapshot("s1")),
                new FleetChange.SnapshotChange.RestorePut(restore));
        Snapshot stored = store.read(view -> view.findSnapshot("s1")).orElseThrow();
        assertThat(stored).isEqualTo(snapshot("s1").stored(1));

        Snapshot ready = stored.ready(
                        new Snapshot.Taken(
                                new DiskSnapshot("s1", Optional.of("s0"), 1, "", true, 10, 5, "sha256:1"),
                                Snapshot.Consistency.APPLICATION,
                                "note",
                                NOW),
                        NOW.plusSeconds(1))
                .checked(new Snapshot.Check(NOW.plusSeconds(2), List.of("a", "b")));
        apply(new FleetChange.SnapshotChange.SnapshotPut(ready));
        assertThat(list(view -> view.snapshots("m1"))).containsExactly(ready.stored(2));
        assertThat(list(FleetView::snapshots)).containsExactly(ready.stored(2));
        assertThatThrownBy(() -> apply(new FleetChange.SnapshotChange.SnapshotPut(ready)))
                .isInstanceOf(ProblemException.class);

        Restore another = new Restore("r2", "m1", "default", "web1", true, true, null, null, NOW.plusSeconds(1));
        assertThat(list(FleetView::restores)).containsExactly(restore);
        Optional<Restore> found = store.read(view -> view.findRestore("m1"));
        assertThat(found).contains(restore);
        apply(new FleetChange.SnapshotChange.RestorePut(another));
        assertThat(list(FleetView::restores)).containsExactly(another);
        apply(new FleetChange.SnapshotChange.RestoreGone("m1"));
        assertThat(list(FleetView::restores)).isEmpty();

        apply(new FleetChange.SnapshotChange.RestorePut(restore), new FleetChange.MachineGone("m1", "default", "web1"));
        assertThat(list(FleetView::restores)).isEmpty();
        assertThat(list(FleetView::snapshots)).isEmpty();
    }

    private static Alert alert(String machineId, Map<String, String> labels) {
        return new Alert(
                "default",
                new AlertKey("disk-full", machineId, labels),
                Alert.Phase.FIRING,
                NOW,
                NOW,
                NOW.plusSeconds(1),
                NOW.plusSeconds(2),
                0.5,
                null,
                0);
    }

    @Test
    void keepsAnAlertForEachSetOfLabelsAndRefusesAnOldRevision() {
        Alert root = alert("m1", Map.of("mountpoint", "/", "device", "vda"));
        Alert data = alert("m1", Map.of("mountpoint", "/data", "device", "vdb"));
        apply(new AlertChange.AlertPut(root), new AlertChange.AlertPut(data));
        assertThat(list(view -> view.alerts("default", "disk-full")))
                .containsExactlyInAnyOrder(root.stored(), data.stored());
        assertThat(list(view -> view.alerts("default", "other"))).isEmpty();
        assertThat(list(view -> view.alerts("elsewhere"))).isEmpty();

        Alert told = root.stored().withToldPhase();
        apply(new AlertChange.AlertPut(told), new AlertChange.AlertGone("default", data.key()));
        assertThat(list(view -> view.alerts("default"))).containsExactly(told.stored());
        assertThatThrownBy(() -> apply(new AlertChange.AlertPut(root))).isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> apply(new AlertChange.AlertPut(told))).isInstanceOf(ProblemException.class);
    }

    @Test
    void keepsRulesAndSilencesOfAProject() {
        AlertRule rule = DefaultRules.all().getFirst();
        StoredRule stored = new StoredRule("default", rule, NOW, "user:admin", 0);
        apply(new AlertChange.RulePut(stored));
        StoredRule first = list(view -> view.alertRules("default")).getFirst();
        assertThat(first).isEqualTo(new StoredRule("default", rule, NOW, "user:admin", 1));
        apply(new AlertChange.RulePut(new StoredRule("default", rule.enabled(false), NOW, "user:b", 1)));
        assertThatThrownBy(() -> apply(new AlertChange.RulePut(stored))).isInstanceOf(ProblemException.class);
        assertThat(list(view -> view.alertRules("default")))
                .extracting(one -> one.rule().enabled(), StoredRule::revision)
                .containsExactly(tuple(false, 2L));
        apply(new AlertChange.RuleGone("default", rule.name()));
        assertThat(list(view -> view.alertRules("default"))).isEmpty();

        Silence silence = new Silence(
                "s1",
                "default",
                List.of(LabelMatcher.parse("rule=~disk.*"), LabelMatcher.parse("machine=web1")),
                NOW,
                NOW.plusSeconds(60),
                "moving house",
                "user:admin",
                NOW);
        apply(new AlertChange.SilencePut(silence));
        assertThat(list(view -> view.silences("default"))).containsExactly(silence);
        assertThat(list(view -> view.silences("elsewhere"))).isEmpty();
        assertThat(list(FleetView::projects)).containsExactly("default");
        apply(new AlertChange.SilenceGone("default", "s1"));
        assertThat(list(view -> view.silences("default"))).isEmpty();
    }

    private static Finding finding(String id, String machineId, String subject, Instant seen) {
        return new Finding(
                id,
                new Finding.Key("default", machineId, Finding.Source.MACHINE, "av", "malware", subject),
                machineId.isEmpty() ? "" : "web1",
                "My.Av",
                new Finding.Content(FindingSeverity.HIGH, "title", Map.of("signature", "Eicar")),
                new Finding.Sights(NOW, seen, 2),
                new Finding.Standing(
                        FindingState.ACKNOWLEDGED, NOW, new Finding.Acknowledgement("user:a", NOW, "note"), null),
                Duration.ofDays(3),
                NOW.plusSeconds(100),
                0);
    }

    private static Finding ofAlert() {
        return new Finding(
                "f0",
                new Finding.Key("default", "m1", Finding.Source.ALERT, "", "alert", "cpu"),
                "web1",
                "",
                new Finding.Content(FindingSeverity.LOW, "", Map.of()),
                new Finding.Sights(NOW, NOW, 1),
                new Finding.Standing(FindingState.RESOLVED, NOW, null, Finding.Resolution.AGED),
                null,
                null,
                0);
    }

    private List<String> findings(FindingFilter filter) {
        return store.read(view ->
                view.findings("default", filter, 10).stream().map(Finding::id).toList());
    }

    @Test
    void keepsFindingsBeyondTheirMachine() {
        Finding one = finding("f1", "m1", "/x", NOW);
        apply(
                new FleetChange.MachinePut(plain("m1", "web1")),
                new FleetChange.FindingPut(one),
                new FleetChange.FindingPositionPut(new FindingPosition("m1", "e", 7, "m7")));
        assertThat(one(view -> view.findFinding("f1"))).contains(one.stored(1));
        assertThat(one(view -> view.findFinding(one.key()))).contains(one.stored(1));
        assertThat(one(view -> view.findFindingPosition("m1"))).contains(new FindingPosition("m1", "e", 7, "m7"));
        apply(new FleetChange.FindingPositionPut(new FindingPosition("m1", "f", 1, "m1")));
        assertThat(one(view -> view.findFindingPosition("m1"))).contains(new FindingPosition("m1", "f", 1, "m1"));
        assertThatThrownBy(() -> apply(new FleetChange.FindingPut(finding("f2", "m1", "/x", NOW))))
                .isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> apply(new FleetChange.FindingPut(one.stored(7))))
                .isInstanceOf(ProblemException.class);
        apply(new FleetChange.MachineGone("m1", "default", "web1"));
        assertThat(one(view -> view.findFinding("f1"))).isPresent();
        assertThat(one(view -> view.findFindingPosition("m1"))).isEmpty();
        apply(new FleetChange.FindingGone("f1", "default", "web1"));
        assertThat(one(view -> view.findFinding("f1"))).isEmpty();
    }

    @Test
    void findsFindings() {
        Finding resolved = new Finding(
                "f3",
                new Finding.Key("default", "m1", Finding.Source.MACHINE, "", "other", "cpu"),
                "web1",
                "",
                new Finding.Content(FindingSeverity.LOW, "", Map.of()),
                new Finding.Sights(NOW, NOW.plusSeconds(2), 1),
                new Finding.Standing(FindingState.RESOLVED, NOW, null, Finding.Resolution.REPORTED),
                null,
                NOW.plusSeconds(50),
                0);
        apply(
                new FleetChange.FindingPut(finding("f1", "m1", "/x", NOW.plusSeconds(2))),
                new FleetChange.FindingPut(finding("f2", "m1", "/y", NOW.plusSeconds(9))),
                new FleetChange.FindingPut(resolved),
                new FleetChange.FindingPut(finding("f4", "", "/x", NOW)),
                new FleetChange.FindingPut(ofAlert()));
        Set<FindingState> any = FindingFilter.ALL.states();
        assertThat(findings(FindingFilter.ALL)).containsExactly("f2", "f3", "f1", "f4", "f0");
        assertThat(findings(new FindingFilter(
                        null, null, null, null, null, any, new FindingFilter.Place(NOW.plusSeconds(2), "f3"))))
                .containsExactly("f1", "f4", "f0");
        assertThat(findings(new FindingFilter("web1", "My.Av", "av", "malware", FindingSeverity.HIGH, any, null)))
                .containsExactly("f2", "f1");
        assertThat(findings(new FindingFilter(null, null, null, null, null, Set.of(FindingState.RESOLVED), null)))
                .containsExactly("f3", "f0");
        assertThat(one(view -> view.findFinding("f3"))).contains(resolved.stored(1));
        assertThat(store.<Long>read(view -> view.countFindings("default", "m1")))
                .isEqualTo(3);
        assertThat(list(view -> view.openFindings("default", "m1")))
                .extracting(Finding::id)
                .containsExactlyInAnyOrder("f1", "f2");
        assertThat(list(view -> view.oldestResolvedFindings("default", "m1", 5)))
                .extracting(Finding::id)
                .containsExactly("f3");
        assertThat(list(view -> view.dueFindings(NOW.plusSeconds(99), 5)))
                .extracting(Finding::id)
                .containsExactly("f3");
        assertThat(list(view -> view.dueFindings(NOW.plusSeconds(100), 2))).hasSize(2);
    }

    private static Repository repository(String machineId, String machine, String installation) {
        return new Repository(
                machineId,
                "default",
                machine,
                installation,
                "sealed password",
                "sealed secrets",
                List.of("AWS_ACCESS_KEY_ID"),
                RepositoryPolicy.DEFAULTS,
                RepositoryStatus.NONE.checked(new RepositoryStatus.Outcome(NOW, false, "wrong", 7)),
                NOW,
                0);
    }

    @Test
    void repositoriesStayWhenTheirMachineGoesAndAreReplacedByRevision() {
        apply(
                new FleetChange.RepositoryPut(repository("m-b", "web", "backup")),
                new FleetChange.RepositoryPut(repository("m-a", "web", "backup")),
                new FleetChange.RepositoryPut(repository("m-c", "db", "dump")));
        apply(new FleetChange.MachineGone("m-b", "default", "web"));

        assertThat(list(view -> view.repositories("default")))
                .containsExactly(
                        repository("m-c", "db", "dump").stored(1),
                        repository("m-a", "web", "backup").stored(1),
                        repository("m-b", "web", "backup").stored(1));
        assertThat(list(view -> view.repositories("other"))).isEmpty();
        assertThatThrownBy(() -> apply(new FleetChange.RepositoryPut(repository("m-a", "web", "backup"))))
                .isInstanceOf(ProblemException.class);
        Repository changed =
                repository("m-a", "web", "backup").with(RepositoryStatus.NONE).stored(1);
        apply(new FleetChange.RepositoryPut(changed));
        assertThat(store.<Optional<Repository>>read(view -> view.findRepository("m-a", "backup")))
                .contains(changed.stored(2));
        apply(new FleetChange.RepositoryGone("m-a", "default", "web", "backup"));
        assertThat(store.<Optional<Repository>>read(view -> view.findRepository("m-a", "backup")))
                .isEmpty();
    }

    private static Webhook webhook(String id, String name) {
        return new Webhook(
                id,
                "default",
                name,
                "https://example.org/x",
                new Webhook.Filter(Set.of(FindingEvent.OPENED), Set.of("malware"), FindingSeverity.MEDIUM),
                "sealed",
                "user:a",
                NOW,
                new Webhook.Health(NOW, NOW, 3, NOW, "it is away", 7),
                0);
    }

    private static Delivery delivery(String id, String webhook, int second) {
        return new Delivery(id, webhook, "{}", NOW.plusSeconds(second), 2, NOW.plusSeconds(second), 0);
    }

    @Test
    void keepsWebhooksAndWhatWaitsForThem() {
        apply(
                new FleetChange.WebhookPut(webhook("w2", "beta")),
                new FleetChange.WebhookPut(webhook("w1", "alpha")),
                new FleetChange.DeliveryPut(delivery("d9", "w1", 5)),
                new FleetChange.DeliveryPut(delivery("d2", "w1", 5)),
                new FleetChange.DeliveryPut(delivery("d3", "w1", 0)),
                new FleetChange.DeliveryPut(delivery("d4", "w2", 0)));
        assertThat(list(view -> view.webhooks("default")))
                .extracting(Webhook::name)
                .containsExactly("alpha", "beta");
        assertThat(list(FleetView::webhooks)).hasSize(2);
        Webhook stored = one(view -> view.findWebhook("w1")).orElseThrow();
        assertThat(stored).isEqualTo(webhook("w1", "alpha").stored(1));
        assertThatThrownBy(() -> apply(new FleetChange.WebhookPut(webhook("w3", "beta"))))
                .isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> apply(new FleetChange.WebhookPut(stored.stored(9))))
                .isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> apply(
                        new FleetChange.DeliveryPut(delivery("d3", "w1", 0).stored(9))))
                .isInstanceOf(ProblemException.class);
        assertThat(one(view -> view.nextDelivery("w1", NOW)))
                .contains(delivery("d3", "w1", 0).stored(1));
        // In the order in which they were made, not by their ids.
        assertThat(one(view -> view.nextDelivery("w1", NOW.plusSeconds(5))).map(Delivery::id))
                .contains("d9");
        assertThat(list(view -> view.deliveriesBefore("w1", NOW.plusSeconds(5), 2)))
                .extracting(Delivery::id)
                .containsExactly("d9", "d2");
        assertThat(list(view -> view.deliveriesBefore("w1", NOW, 2)))
                .extracting(Delivery::id)
                .containsExactly("d3");
        apply(
                new FleetChange.DeliveryPut(delivery("d3", "w1", 0).stored(1).retried(NOW.plusSeconds(60))),
                new FleetChange.DeliveryGone("d9"),
                new FleetChange.WebhookPut(stored.with(Webhook.Health.NEW)));
        assertThat(one(view -> view.findDelivery("d3")).orElseThrow().attempts())
                .isEqualTo(3);
        assertThat(one(view -> view.nextDelivery("w1", NOW))).isEmpty();
        assertThat(store.<Long>read(view -> view.countDeliveries("w1"))).isEqualTo(2);
        assertThat(one(view -> view.findWebhook("w1")).orElseThrow().health()).isEqualTo(Webhook.Health.NEW);
        apply(new FleetChange.WebhookGone("w1", "default", "alpha"));
        assertThat(store.<Long>read(view -> view.countDeliveries("w1"))).isZero();
        assertThat(list(FleetView::webhooks)).hasSize(1);
    }
}
