package dev.vmext.fleet;

import static dev.vmext.fleet.Plane.ADMIN;
import static dev.vmext.fleet.Plane.PROJECT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.fleet.alert.PlatformSeries;
import dev.vmext.fleet.alert.RuleForm;
import dev.vmext.fleet.alert.testing.SeriesInMemory;
import dev.vmext.protocol.api.AlertRuleView;
import dev.vmext.protocol.api.AlertRuleWrite;
import dev.vmext.protocol.api.AlertView;
import dev.vmext.protocol.api.FindingView;
import dev.vmext.protocol.api.SilenceCreate;
import dev.vmext.protocol.api.SilenceView;
import dev.vmext.protocol.api.WebhookCreate;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.InstallationState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AlertTest {
    private final Plane plane = new Plane();
    private final SeriesInMemory series = new SeriesInMemory();
    private final Map<String, Instant> told = new HashMap<>();
    private String web1 = "";

    @BeforeEach
    void aMachineThatIsConnected() {
        web1 = plane.machine("web1");
        plane.connect(web1);
        plane.fleet.createWebhook(
                ADMIN,
                PROJECT,
                new WebhookCreate(
                        "hook", "https://example.org/in", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", null, null, null));
    }

    private void root(double free) {
        Map<String, String> labels = Map.of("mountpoint", "/", "fstype", "ext4");
        series.add(web1, "node_filesystem_avail_bytes", labels, plane.clock.instant(), free);
        series.add(web1, "node_filesystem_size_bytes", labels, plane.clock.instant(), 100);
    }

    /** One beat of the control plane's clockwork after some time. */
    private void beat(Duration after) {
        plane.clock.advance(after);
        plane.fleet.lookAtAlerts(series);
        plane.fleet.tellAlerts(told);
    }

    private List<FindingView> findings(String state) {
        return plane.fleet.listFindings(PROJECT, FindingFilter.ALL, 100).items().stream()
                .filter(finding -> finding.state().equals(state))
                .toList();
    }

    private List<String> messages() {
        List<String> bodies = new ArrayList<>();
        String id = plane.fleet.webhook(PROJECT, "hook").id();
        for (Optional<Delivery> next = plane.fleet.nextDelivery(id);
                next.isPresent();
                next = plane.fleet.nextDelivery(id)) {
            bodies.add(next.get().body());
            plane.fleet.delivered(next.get());
        }
        return bodies;
    }

    @Test
    void aFullDiskIsAFindingUntilThereIsRoomAgain() {
        root(2);
        beat(Duration.ZERO);
        FindingView finding = findings("open").getFirst();
        assertThat(finding.title()).isEqualTo("/ on web1 has 2.0 % free");
        assertThat(finding.severity()).isEqualTo("critical");
        assertThat(finding.source()).isEqualTo("alert");
        assertThat(finding.machine()).isEqualTo("web1");
        assertThat(finding.subject()).isEqualTo("disk-full fstype=ext4, mountpoint=/");
        assertThat(finding.evidence()).containsEntry("value", "0.02").containsEntry("mountpoint", "/");

        plane.clock.advance(Duration.ofMinutes(1));
        root(50);
        beat(Duration.ofSeconds(1));
        beat(Duration.ofMinutes(1));
        assertThat(findings("open")).isEmpty();
        assertThat(findings("resolved")).extracting(FindingView::id).containsExactly(finding.id());
    }

    @Test
    void aMachineThatIsAwayForFiveMinutesIsAnAlertAndOneThatWasSwitchedOffIsNot() {
        plane.liveness.disconnect(web1);
        beat(Duration.ZERO);
        assertThat(findings("open")).isEmpty();
        beat(Duration.ofMinutes(5));
        assertThat(findings("open"))
                .extracting(FindingView::title)
                .containsExactly("web1 has not been connected for 5 minutes");

        plane.fleet.powerWanted(ADMIN, web1, false);
        beat(Duration.ofMinutes(16));
        plane.liveness.connect(web1, plane.clock.instant());
        beat(Duration.ofMinutes(1));
        assertThat(findings("open")).isEmpty();
    }

    @Test
    void manyAlertsOfOneRuleAreOneMessageAndTheirEndIsAnother() {
        for (int i = 2; i < 40; i++) {
            plane.connect(plane.machine("web" + i));
        }
        List<MachineRecord> all = plane.fleet.machineRecords();
        all.forEach(machine -> plane.liveness.disconnect(machine.id()));
        beat(Duration.ZERO);
        beat(Duration.ofMinutes(5));
        assertThat(findings("open")).hasSize(39);
        assertThat(messages()).as("others may follow in a moment").isEmpty();
        beat(Duration.ofSeconds(30));
        String message = messages().getFirst();
        assertThat(message)
                .contains("\"type\":\"dev.vmext.alerts.changed\"", "\"rule\":\"machine-offline\"", "\"fired\":39")
                .contains("web17 has not been connected");
        beat(Duration.ofMinutes(6));
        assertThat(messages()).as("nothing new").isEmpty();

        all.forEach(machine -> plane.liveness.connect(machine.id(), plane.clock.instant()));
        beat(Duration.ofSeconds(1));
        beat(Duration.ofMinutes(6));
        assertThat(messages()).singleElement().asString().contains("\"fired\":0", "\"resolved\":39");
        assertThat(plane.fleet.listAlerts(PROJECT)).isEmpty();
    }

    @Test
    void aSilenceKeepsMessagesBackAndWhatIsStillWrongIsToldWhenItEnds() {
        SilenceView silence = plane.fleet.createSilence(
                ADMIN, PROJECT, new SilenceCreate(List.of("machine=web1"), "new disk", null, 3600));
        root(2);
        beat(Duration.ZERO);
        beat(Duration.ofMinutes(1));
        assertThat(messages()).isEmpty();
        assertThat(findings("open")).as("they stay in sight").hasSize(2);
        assertThat(plane.fleet.listAlerts(PROJECT))
                .filteredOn(alert -> alert.state().equals("firing"))
                .allMatch(AlertView::silenced);
        assertThat(plane.fleet.listSilences(PROJECT))
                .extracting(SilenceView::covers)
                .containsExactly(2);

        plane.fleet.endSilence(ADMIN, PROJECT, silence.id());
        root(2);
        beat(Duration.ofMinutes(1));
        assertThat(messages()).hasSize(2).anyMatch(body -> body.contains("\"rule\":\"disk-full\""));
    }

    @Test
    void aRuleThatComesWithVmextCanBeChangedSwitchedOffAndPutBack() {
        AlertRuleView full = plane.fleet.getAlertRule(PROJECT, "disk-full");
        assertThat(full.origin()).isEqualTo("default");
        plane.fleet.enableAlertRule(ADMIN, PROJECT, "disk-full", false);
        root(2);
        beat(Duration.ZERO);
        assertThat(findings("open")).isEmpty();
        assertThat(plane.fleet.getAlertRule(PROJECT, "disk-full").origin()).isEqualTo("changed");

        assertThat(plane.fleet.deleteAlertRule(ADMIN, PROJECT, "disk-full"))
                .get()
                .extracting(AlertRuleView::origin)
                .isEqualTo("default");
        beat(Duration.ofSeconds(15));
        assertThat(findings("open")).hasSize(1);
        assertThatThrownBy(() -> plane.fleet.deleteAlertRule(ADMIN, PROJECT, "disk-full"))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("it comes with vmext");
    }

    @Test
    void aRuleOfOnesOwnGoesWithItsAlerts() {
        AlertRuleWrite form = RuleForm.form(RuleForm.rule(
                "hot",
                new AlertRuleWrite(
                        "{machine} is hot: {value}",
                        null,
                        "low",
                        null,
                        "temperature",
                        null,
                        null,
                        null,
                        null,
                        "threshold",
                        ">",
                        80.0,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null)));
        plane.fleet.putAlertRule(ADMIN, PROJECT, "hot", form);
        series.add(web1, "temperature", Map.of(), plane.clock.instant(), 81);
        beat(Duration.ZERO);
        assertThat(findings("open")).extracting(FindingView::title).containsExactly("web1 is hot: 81");
        assertThat(plane.fleet.getAlertRule(PROJECT, "hot").firing()).isEqualTo(1);

        assertThat(plane.fleet.deleteAlertRule(ADMIN, PROJECT, "hot")).isEmpty();
        assertThat(findings("open")).isEmpty();
        assertThat(plane.fleet.listAlerts(PROJECT)).isEmpty();
    }

    @Test
    void aRuleThatMakesNoSenseIsRefusedWithTheReason() {
        AlertRuleWrite form = plane.fleet.getAlertRule(PROJECT, "disk-full").rule();
        assertThatThrownBy(() -> plane.fleet.putAlertRule(ADMIN, PROJECT, "Disk full", form))
                .hasMessageContaining("its name must have lower-case letters");
        assertThatThrownBy(() -> plane.fleet.createSilence(ADMIN, PROJECT, new SilenceCreate(List.of(), "x", null, 60)))
                .hasMessageContaining("at least one condition");
        assertThatThrownBy(() ->
                        plane.fleet.createSilence(ADMIN, PROJECT, new SilenceCreate(List.of("rule=a"), " ", null, 60)))
                .hasMessageContaining("comment");
    }

    @Test
    void aMachineThatIsDeletedTakesItsAlertsAlong() {
        root(2);
        beat(Duration.ZERO);
        plane.fleet.deleteMachine(ADMIN, PROJECT, "web1");
        plane.fleet.machineDeleted(ADMIN, web1);
        series.forget(web1);
        beat(Duration.ofSeconds(15));
        assertThat(findings("open")).isEmpty();
        assertThat(plane.fleet.listAlerts(PROJECT)).isEmpty();
    }

    /** What the control plane says of an installation now, kept as the server keeps it each minute. */
    private List<Double> healthy() {
        List<Double> values = new ArrayList<>();
        plane.clock.advance(Duration.ofMinutes(1));
        plane.fleet.platformSeries(series).getOrDefault(web1, List.of()).forEach(one -> {
            series.add(web1, one.metric(), one.labels(), plane.clock.instant(), one.value());
            if (one.metric().equals(PlatformSeries.INSTALLATION_HEALTHY)) {
                values.add(one.value());
            }
        });
        return values;
    }

    @Test
    void anInstallationIsNeitherHealthyNorUnhealthyUntilItIsReadyForTheFirstTime() {
        plane.publish("acme.App", "1.0.0");
        plane.put("web1", "app", Plane.newest("acme.App"));
        assertThat(healthy()).as("waits for the machine").isEmpty();
        plane.converge(web1);
        for (InstallationState state : List.of(
                InstallationState.PENDING,
                InstallationState.WAITING_PACKAGE,
                InstallationState.INSTALLING,
                InstallationState.ENABLING)) {
            plane.report(web1, "app", state);
            assertThat(healthy()).as(state.wire()).isEmpty();
            beat(Duration.ofMinutes(15));
        }
        assertThat(findings("open")).as("installing is no alert, however long").isEmpty();

        plane.report(web1, "app", InstallationState.READY);
        assertThat(healthy()).containsExactly(1.0);
        plane.report(web1, "app", InstallationState.ENABLING);
        assertThat(healthy())
                .as("it was there and works again only when it is ready")
                .containsExactly(0.0);
    }

    @Test
    void anInstallationThatFailsTheFirstTimeIsUnhealthyAndSoIsEveryTryAfterIt() {
        plane.publish("acme.App", "1.0.0");
        plane.put("web1", "app", Plane.newest("acme.App"));
        plane.converge(web1);
        plane.report(web1, "app", InstallationState.FAILED);
        assertThat(healthy()).containsExactly(0.0);
        plane.report(web1, "app", InstallationState.INSTALLING);
        assertThat(healthy()).containsExactly(0.0);
        beat(Duration.ZERO);
        beat(Duration.ofMinutes(10));
        assertThat(findings("open"))
                .extracting(FindingView::title)
                .containsExactly("app on web1 has not been healthy for 10 minutes");
    }

    @Test
    void whatAnInstallationOfTheSameNameWasBeforeDoesNotCount() {
        plane.publish("acme.App", "1.0.0");
        plane.put("web1", "app", Plane.newest("acme.App"));
        plane.converge(web1);
        plane.report(web1, "app", InstallationState.READY);
        assertThat(healthy()).containsExactly(1.0);
        plane.delete("web1", "app");
        plane.converge(web1);
        plane.report(web1, "app", InstallationState.REMOVED);
        assertThat(healthy()).isEmpty();
        plane.put("web1", "app", Plane.newest("acme.App"));
        plane.converge(web1);
        plane.report(web1, "app", InstallationState.INSTALLING);
        assertThat(healthy()).isEmpty();
    }
}
