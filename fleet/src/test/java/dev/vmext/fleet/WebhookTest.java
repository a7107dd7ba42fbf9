package dev.vmext.fleet;

import static dev.vmext.fleet.Plane.ADMIN;
import static dev.vmext.fleet.Plane.PROJECT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.protocol.api.FindingAcknowledge;
import dev.vmext.protocol.api.FindingView;
import dev.vmext.protocol.api.WebhookCreate;
import dev.vmext.protocol.api.WebhookView;
import dev.vmext.protocol.finding.FindingSeverity;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookTest {
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private final Plane plane = new Plane();

    private WebhookView make(String name, @Nullable List<String> events, @Nullable String severity) {
        return plane.fleet.createWebhook(
                ADMIN, PROJECT, new WebhookCreate(name, "https://example.org/in", SECRET, events, null, severity));
    }

    private void tell(String subject, FindingSeverity severity, boolean resolved) {
        plane.clock.advance(Duration.ofSeconds(1));
        plane.fleet.tellFindings(List.of(new OwnFinding(
                PROJECT,
                null,
                Finding.Source.CONTROL_PLANE,
                "alert",
                subject,
                severity,
                resolved,
                "",
                Map.of("a", "b"))));
    }

    private String id(String name) {
        return plane.fleet.webhook(PROJECT, name).id();
    }

    /** What was sent until nothing waits. */
    private List<String> drain(String name) {
        List<String> types = new ArrayList<>();
        for (Optional<Delivery> next = plane.fleet.nextDelivery(id(name));
                next.isPresent();
                next = plane.fleet.nextDelivery(id(name))) {
            types.add(next.get().body().replaceAll(".*\"type\":\"dev.vmext.([a-z.]*)\".*", "$1"));
            plane.fleet.delivered(next.get());
        }
        return types;
    }

    @Test
    void isToldWhatHappensInOrder() {
        make("all", null, null);
        tell("cpu", FindingSeverity.LOW, false);
        tell("cpu", FindingSeverity.LOW, false);
        tell("cpu", FindingSeverity.HIGH, false);
        FindingView finding =
                plane.fleet.listFindings(PROJECT, FindingFilter.ALL, 1).items().getFirst();
        plane.fleet.acknowledgeFinding(ADMIN, PROJECT, finding.id(), new FindingAcknowledge("n"));
        tell("cpu", FindingSeverity.HIGH, true);
        tell("cpu", FindingSeverity.HIGH, false);
        Delivery first = plane.fleet.nextDelivery(id("all")).orElseThrow();
        assertThat(first.body())
                .startsWith("{\"specversion\":\"1.0\",\"id\":\"" + first.id()
                        + "\",\"source\":\"/v1/projects/default\"," + "\"type\":\"dev.vmext.finding.opened\"")
                .contains("\"subject\":\"" + finding.id() + "\"", "\"evidence\":{\"a\":\"b\"}", "\"severity\":\"low\"");
        assertThat(drain("all"))
                .containsExactly(
                        "finding.opened",
                        "finding.worsened",
                        "finding.acknowledged",
                        "finding.resolved",
                        "finding.reopened");
        assertThat(plane.fleet.getWebhook(PROJECT, "all").lastDelivered()).isNotNull();
    }

    @Test
    void isToldOnlyWhatItWants() {
        make("bad", List.of("finding.opened"), "high");
        tell("mild", FindingSeverity.LOW, false);
        tell("bad", FindingSeverity.CRITICAL, false);
        tell("bad", FindingSeverity.CRITICAL, true);
        assertThat(drain("bad")).containsExactly("finding.opened");
    }

    @Test
    void aReceiverThatIsAwayIsTriedEverMoreRarelyAndGivenUpAfterADay() {
        make("away", null, null);
        make("other", List.of("finding.opened"), "high");
        tell("cpu", FindingSeverity.LOW, false);
        int tries = 0;
        for (int minute = 0; minute < 26 * 60; minute++) {
            Optional<Delivery> next = plane.fleet.nextDelivery(id("away"));
            if (next.isPresent()) {
                tries++;
                plane.fleet.deliveryFailed(next.get(), "it answered 503", true);
                assertThat(plane.fleet.nextDelivery(id("away"))).isEmpty();
            }
            plane.clock.advance(Duration.ofMinutes(1));
        }
        assertThat(tries).isBetween(24, 34);
        WebhookView view = plane.fleet.getWebhook(PROJECT, "away");
        assertThat(view.lost()).isEqualTo(1);
        assertThat(view.waiting()).isZero();
        assertThat(view.lastError()).isEqualTo("it answered 503");
        FindingFilter failing =
                new FindingFilter(null, null, null, Webhooks.FAILING, null, FindingFilter.ALL.states(), null);
        assertThat(plane.fleet.listFindings(PROJECT, failing, 9).items())
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.subject()).isEqualTo("away");
                    assertThat(finding.evidence()).containsEntry("lost", "1");
                });
        // The others hear of it, the one that cannot hear does not.
        assertThat(drain("other")).containsExactly("finding.opened");
        assertThat(plane.fleet.nextDelivery(id("away"))).isEmpty();
        tell("cpu", FindingSeverity.HIGH, false);
        plane.clock.advance(Duration.ofHours(1));
        assertThat(drain("away")).containsExactly("finding.worsened");
        assertThat(plane.fleet
                        .listFindings(PROJECT, failing, 9)
                        .items()
                        .getFirst()
                        .state())
                .isEqualTo("resolved");
        assertThat(plane.fleet.getWebhook(PROJECT, "away").failingSince()).isNull();
    }

    @Test
    void oneMessageThatIsRefusedHoldsNoOther() {
        make("picky", null, null);
        tell("a", FindingSeverity.LOW, false);
        tell("b", FindingSeverity.LOW, false);
        Delivery refused = plane.fleet.nextDelivery(id("picky")).orElseThrow();
        plane.fleet.deliveryFailed(refused, "it answered 400", false);
        assertThat(drain("picky")).hasSize(1);
        plane.clock.advance(Duration.ofSeconds(5));
        assertThat(plane.fleet.nextDelivery(id("picky")).map(Delivery::id)).contains(refused.id());
    }

    @Test
    void aReceiverThatNeverComesBackDoesNotFillTheDatabase() {
        make("never", null, null);
        for (int i = 0; i < Webhooks.MOST_WAITING + 20; i++) {
            tell("s" + i, FindingSeverity.LOW, false);
        }
        WebhookView view = plane.fleet.getWebhook(PROJECT, "never");
        assertThat(view.waiting()).isEqualTo(Webhooks.MOST_WAITING);
        assertThat(view.lost()).isEqualTo(20);
        assertThat(plane.fleet.nextDelivery(id("never")).orElseThrow().body()).contains("\"subject\":\"s20\"");
    }

    @Test
    void keepsTheSecretSealed() {
        make("x", null, null);
        Webhook webhook = plane.fleet.webhook(PROJECT, "x");
        assertThat(webhook.sealedSecret()).doesNotContain(SECRET);
        assertThat(webhook.toString()).doesNotContain(webhook.sealedSecret());
        assertThat(plane.fleet.audit(1).getFirst().detail()).isEqualTo("https://example.org/in");
        plane.fleet.deleteWebhook(ADMIN, PROJECT, "x");
        assertThat(plane.fleet.listWebhooks(PROJECT)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "example.org/in",
                "ftp://example.org/",
                "https:///in",
                "https://user:pw@example.org/",
                "https://example.org/#here",
                "https://example.org:99999/",
                "https://exa mple.org/"
            })
    void refusesWhatIsNoAddress(String url) {
        assertThatThrownBy(() -> plane.fleet.createWebhook(
                        ADMIN, PROJECT, new WebhookCreate("x", url, SECRET, null, null, null)))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo(ProblemCode.INVALID_VALUE));
    }

    @Test
    void refusesWhatIsNotAllowed() {
        make("x", null, null);
        refused(ProblemCode.WEBHOOK_EXISTS, "x", SECRET, null, null);
        refused(ProblemCode.INVALID_NAME, "X y", SECRET, null, null);
        refused(ProblemCode.INVALID_VALUE, "y", "hunter2", null, null);
        refused(ProblemCode.INVALID_VALUE, "y", "whsec_c2hvcnQ=", null, null);
        refused(ProblemCode.INVALID_VALUE, "y", SECRET, List.of("finding.burnt"), null);
        refused(ProblemCode.INVALID_VALUE, "y", SECRET, null, "dire");
        assertThatThrownBy(() -> plane.fleet.getWebhook(PROJECT, "none"))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo(ProblemCode.WEBHOOK_NOT_FOUND));
        for (int i = 1; i < Webhooks.MOST; i++) {
            make("n" + i, null, null);
        }
        refused(ProblemCode.TOO_MANY_WEBHOOKS, "y", SECRET, null, null);
    }

    private void refused(
            ProblemCode code, String name, String secret, @Nullable List<String> events, @Nullable String severity) {
        assertThatThrownBy(() -> plane.fleet.createWebhook(
                        ADMIN,
                        PROJECT,
                        new WebhookCreate(name, "https://example.org/", secret, events, null, severity)))
                .isInstanceOfSatisfying(ProblemException.class, e -> {
                    assertThat(e.code()).isEqualTo(code);
                    assertThat(e.detail()).doesNotContain("hunter2");
                });
    }

    private List<String> events(long after) {
        return plane.fleet.changesAfter(after, 100).stream()
                .filter(event -> event.kind().equals("webhook"))
                .map(event -> event.project() + " " + event.name() + (event.gone() ? " gone" : ""))
                .toList();
    }

    @Test
    void whoWatchesHearsThatOneCameFailsWorksAgainAndWent() {
        long start = plane.fleet.lastChange();
        make("hook", null, null);
        assertThat(events(start)).containsExactly("default hook");

        tell("one", FindingSeverity.LOW, false);
        tell("two", FindingSeverity.LOW, false);
        start = plane.fleet.lastChange();
        plane.fleet.deliveryFailed(plane.fleet.nextDelivery(id("hook")).orElseThrow(), "it is away", true);
        plane.clock.advance(Duration.ofMinutes(1));
        plane.fleet.deliveryFailed(plane.fleet.nextDelivery(id("hook")).orElseThrow(), "it is away", true);
        assertThat(events(start)).as("that it began, not each try").containsExactly("default hook");

        plane.clock.advance(Duration.ofMinutes(1));
        start = plane.fleet.lastChange();
        drain("hook");
        assertThat(events(start)).as("that it ended, not each delivery").containsExactly("default hook");

        start = plane.fleet.lastChange();
        plane.fleet.deleteWebhook(ADMIN, PROJECT, "hook");
        assertThat(events(start)).containsExactly("default hook gone");
    }
}
