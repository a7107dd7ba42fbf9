package dev.vmext.fleet;

import static dev.vmext.fleet.Plane.ADMIN;
import static dev.vmext.fleet.Plane.PROJECT;
import static dev.vmext.fleet.Plane.newest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.protocol.api.ChangeEvent;
import dev.vmext.protocol.api.FindingAcknowledge;
import dev.vmext.protocol.api.FindingPage;
import dev.vmext.protocol.api.FindingView;
import dev.vmext.protocol.finding.FindingAck;
import dev.vmext.protocol.finding.FindingBatch;
import dev.vmext.protocol.finding.FindingItem;
import dev.vmext.protocol.finding.FindingReport;
import dev.vmext.protocol.finding.FindingSeverity;
import dev.vmext.protocol.finding.FindingState;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FindingTest {
    private final Plane plane = new Plane();
    private String machine = "";
    private long number;

    @BeforeEach
    void aMachineWithAnInstallation() {
        plane.publish("My.Av", "1.0.0");
        machine = plane.machine("web1", Map.of("av", newest("My.Av")));
    }

    private FindingItem item(String installation, String subject, FindingSeverity severity, boolean resolved) {
        return item(installation, subject, severity, resolved, null);
    }

    private FindingItem item(
            String installation, String subject, FindingSeverity severity, boolean resolved, @Nullable Duration age) {
        Instant at = plane.clock.instant();
        FindingReport report = new FindingReport(
                installation, "My.Av", "malware", subject, severity, resolved, "t", Map.of("a", "b"), at, age);
        number++;
        return new FindingItem(number, "m" + number, report, 1, at);
    }

    private FindingItem high(String subject) {
        return item("av", subject, FindingSeverity.HIGH, false);
    }

    private FindingItem over(String subject) {
        return item("av", subject, FindingSeverity.HIGH, true);
    }

    private FindingAck report(FindingItem... items) {
        plane.clock.advance(Duration.ofSeconds(1));
        return plane.fleet.reportFindings(machine, new FindingBatch("epoch", List.of(items)));
    }

    private List<FindingView> all() {
        return plane.fleet.listFindings(PROJECT, FindingFilter.ALL, 1000).items();
    }

    private FindingView only() {
        assertThat(all()).hasSize(1);
        return all().getFirst();
    }

    @Test
    void theSameIsOneFindingThatCounts() {
        report(high("/tmp/x"));
        Instant first = only().firstSeen();
        plane.clock.advance(Duration.ofMinutes(5));
        report(high("/tmp/x"), high("/tmp/y"));
        FindingView view = all().stream()
                .filter(one -> one.subject().equals("/tmp/x"))
                .findFirst()
                .orElseThrow();
        assertThat(view.count()).isEqualTo(2);
        assertThat(view.firstSeen()).isEqualTo(first);
        assertThat(view.lastSeen()).isEqualTo(first.plusSeconds(301));
        assertThat(view.state()).isEqualTo("open");
        assertThat(view.machine()).isEqualTo("web1");
        assertThat(view.source()).isEqualTo("machine");
        assertThat(all()).hasSize(2);
    }

    @Test
    void whatComesTwiceCountsOnce() {
        FindingItem one = high("/tmp/x");
        FindingItem two = high("/tmp/x");
        assertThat(report(one)).isEqualTo(new FindingAck("epoch", 1, "m1"));
        assertThat(report(one, two)).isEqualTo(new FindingAck("epoch", 2, "m2"));
        assertThat(report(one)).isEqualTo(new FindingAck("epoch", 2, "m2"));
        assertThat(only().count()).isEqualTo(2);
    }

    @Test
    void anotherEntryUnderAStoredNumberIsNotTaken() {
        report(high("/tmp/x"), high("/tmp/y"));
        FindingItem other = new FindingItem(2, "other", high("/tmp/z").report(), 1, plane.clock.instant());
        assertThat(report(other, high("/tmp/w"))).isEqualTo(new FindingAck("epoch", 2, "m2"));
        assertThat(all()).extracting(FindingView::subject).containsExactlyInAnyOrder("/tmp/x", "/tmp/y");
        // The agent begins another book then.
        plane.fleet.reportFindings(machine, new FindingBatch("other", List.of(other)));
        assertThat(all()).hasSize(3);
    }

    @Test
    void isResolvedAndOpensAgain() {
        report(high("/tmp/x"));
        report(over("/tmp/x"), over("/tmp/never-seen"));
        assertThat(only().state()).isEqualTo("resolved");
        assertThat(only().resolution()).isEqualTo("reported");
        report(high("/tmp/x"));
        assertThat(only().state()).isEqualTo("open");
        assertThat(only().resolution()).isNull();
        assertThat(only().count()).isEqualTo(2);
    }

    @Test
    void isAcknowledgedUntilItBecomesWorse() {
        report(item("av", "/tmp/x", FindingSeverity.LOW, false));
        String id = only().id();
        FindingView known = plane.fleet.acknowledgeFinding(ADMIN, PROJECT, id, new FindingAcknowledge(" ticket 7 "));
        assertThat(known.state()).isEqualTo("acknowledged");
        assertThat(known.note()).isEqualTo("ticket 7");
        assertThat(known.acknowledgedBy()).isEqualTo("user:admin");
        assertThat(plane.fleet.audit(1).getFirst().action()).isEqualTo("finding.acknowledge");
        report(item("av", "/tmp/x", FindingSeverity.LOW, false));
        assertThat(only().state()).isEqualTo("acknowledged");
        report(high("/tmp/x"));
        assertThat(only().state()).isEqualTo("open");
        assertThat(only().note()).isNull();
        report(over("/tmp/x"));
        assertThatThrownBy(() -> plane.fleet.acknowledgeFinding(ADMIN, PROJECT, id, new FindingAcknowledge(null)))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo(ProblemCode.FINDING_RESOLVED));
        assertThatThrownBy(() -> plane.fleet.getFinding(PROJECT, "none"))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo(ProblemCode.FINDING_NOT_FOUND));
    }

    @Test
    void agesByItsOwnAgeAndIsForgottenLater() {
        plane.liveness.connect(machine, plane.clock.instant());
        report(item("av", "/tmp/short", FindingSeverity.LOW, false, Duration.ofHours(1)), high("/tmp/long"));
        plane.clock.advance(Duration.ofMinutes(59));
        plane.fleet.ageFindings();
        assertThat(all()).extracting(FindingView::state).containsOnly("open");
        plane.clock.advance(Duration.ofMinutes(2));
        plane.fleet.ageFindings();
        assertThat(all())
                .filteredOn(one -> one.state().equals("resolved"))
                .singleElement()
                .satisfies(one -> {
                    assertThat(one.subject()).isEqualTo("/tmp/short");
                    assertThat(one.resolution()).isEqualTo("aged");
                });
        plane.clock.advance(FindingDraft.RETENTION);
        plane.fleet.ageFindings();
        assertThat(only().subject()).isEqualTo("/tmp/long");
        plane.clock.advance(FindingDraft.AGE);
        plane.fleet.ageFindings();
        assertThat(only().resolution()).isEqualTo("aged");
    }

    @Test
    void doesNotAgeWhileItsMachineIsAway() {
        report(item("av", "/tmp/x", FindingSeverity.LOW, false, Duration.ofHours(1)));
        plane.liveness.disconnect(machine);
        plane.clock.advance(Duration.ofDays(20));
        plane.fleet.ageFindings();
        assertThat(only().state()).isEqualTo("open");
        plane.liveness.connect(machine, plane.clock.instant());
        plane.fleet.ageFindings();
        assertThat(only().state()).isEqualTo("open");
        plane.clock.advance(Duration.ofMinutes(61));
        plane.fleet.ageFindings();
        assertThat(only().state()).isEqualTo("resolved");
    }

    @Test
    void goesWithItsInstallationAndStaysInSightWithItsMachineGone() {
        report(high("/tmp/x"));
        plane.fleet.deleteInstallation(ADMIN, PROJECT, "web1", "av");
        assertThat(only().resolution()).isEqualTo("installation-removed");
        // What is said about it late is taken, and closed.
        report(high("/tmp/late"));
        assertThat(all()).extracting(FindingView::resolution).containsOnly("installation-removed");
        plane.put("web1", "av", newest("My.Av"));
        report(high("/tmp/x"));
        plane.fleet.forgetMachine(ADMIN, PROJECT, "web1");
        assertThat(all()).extracting(FindingView::state).containsOnly("resolved");
        assertThat(all()).extracting(FindingView::resolution).contains("machine-removed");
        assertThat(all()).extracting(FindingView::machine).containsOnly("web1");
    }

    @Test
    void isFoundByEachFilterAndInPages() {
        report(high("a"), item("av", "b", FindingSeverity.LOW, false), item("", "c", FindingSeverity.CRITICAL, false));
        report(over("a"));
        Set<FindingState> any = FindingFilter.ALL.states();
        assertThat(found(new FindingFilter("web1", null, "av", null, null, any, null)))
                .containsExactlyInAnyOrder("a", "b");
        assertThat(found(new FindingFilter("web2", null, null, null, null, any, null)))
                .isEmpty();
        assertThat(found(new FindingFilter(null, "My.Av", null, "malware", null, any, null)))
                .hasSize(3);
        assertThat(found(new FindingFilter(null, null, null, null, FindingSeverity.HIGH, any, null)))
                .containsExactlyInAnyOrder("a", "c");
        assertThat(found(new FindingFilter(null, null, null, null, null, Set.of(FindingState.OPEN), null)))
                .containsExactlyInAnyOrder("b", "c");
        List<String> paged = new ArrayList<>();
        FindingFilter.Place after = null;
        do {
            FindingPage page =
                    plane.fleet.listFindings(PROJECT, new FindingFilter(null, null, null, null, null, any, after), 2);
            page.items().forEach(one -> paged.add(one.subject()));
            String next = page.next();
            after = next == null ? null : Fleet.findingsAfter(next);
        } while (after != null);
        assertThat(paged).containsExactlyInAnyOrder("a", "b", "c");
        assertThatThrownBy(() -> Fleet.findingsAfter("x")).isInstanceOf(ProblemException.class);
    }

    private List<String> found(FindingFilter filter) {
        return plane.fleet.listFindings(PROJECT, filter, 10).items().stream()
                .map(FindingView::subject)
                .toList();
    }

    @Test
    void theControlPlaneSaysWhatItFoundItself() {
        OwnFinding alert = new OwnFinding(
                PROJECT,
                machine,
                Finding.Source.ALERT,
                "alert",
                "disk-full /",
                FindingSeverity.HIGH,
                false,
                "disk is filling",
                Map.of("value", "97"));
        plane.fleet.tellFindings(List.of(alert));
        long change = plane.fleet.lastChange();
        plane.fleet.tellFindings(List.of(alert));
        assertThat(plane.fleet.lastChange()).isEqualTo(change);
        assertThat(only().source()).isEqualTo("alert");
        assertThat(only().machine()).isEqualTo("web1");
        plane.clock.advance(Duration.ofDays(400));
        plane.fleet.ageFindings();
        assertThat(only().state()).isEqualTo("open");
        plane.fleet.tellFindings(
                List.of(OwnFinding.over(PROJECT, machine, Finding.Source.ALERT, "alert", "disk-full /")));
        assertThat(only().state()).isEqualTo("resolved");
        plane.fleet.tellFindings(List.of(new OwnFinding(
                PROJECT, null, Finding.Source.ALERT, "alert", "all", FindingSeverity.LOW, false, "", Map.of())));
        assertThat(all()).hasSize(2);
        ChangeEvent event =
                plane.fleet.changesAfter(plane.fleet.lastChange() - 1, 10).getLast();
        assertThat(event.kind()).isEqualTo("finding");
        assertThat(event.machine()).isEmpty();
    }

    @Test
    void tooManyFindingsOfOneMachineAreToldAndNotKept() {
        List<FindingItem> many = new ArrayList<>();
        for (int i = 0; i < FindingDraft.MOST; i++) {
            many.add(high("s" + i));
            if (many.size() == FindingBatch.MAX_ITEMS || i == FindingDraft.MOST - 1) {
                report(many.toArray(FindingItem[]::new));
                many.clear();
            }
        }
        report(high("one too many"));
        FindingFilter lost =
                new FindingFilter(null, null, null, "findings-lost", null, FindingFilter.ALL.states(), null);
        assertThat(found(lost)).containsExactly("web1");
        report(over("s1"));
        report(high("one more"));
        assertThat(plane.store.<Long>read(view -> view.countFindings(PROJECT, machine)))
                .isLessThanOrEqualTo(FindingDraft.MOST + 1);
        assertThat(found(FindingFilter.ALL)).contains("one more");
    }
}
