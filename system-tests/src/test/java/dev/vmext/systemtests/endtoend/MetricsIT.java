package dev.vmext.systemtests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Guest;
import dev.vmext.systemtests.product.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an endpoint said, as it is stored on the control plane, with real processes that are killed on the way. The endpoint counts how
 * often it was asked, so what is stored must be 1, 2, 3 and so on: none missing, none twice, each at the time at which it was asked.
 */
@SuppressWarnings("try") // closing server and machine waits for their processes
class MetricsIT {
    private static final Duration SOON = Duration.ofMinutes(3);
    /** As many as an hour brings at the usual interval of a minute. */
    private static final int AN_HOUR = 60;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path folder;

    private ControlPlane plane;
    private Guest guest;
    private CountingEndpoint endpoint;
    private Instant began;

    @BeforeEach
    void start() throws Exception {
        began = Instant.now();
        endpoint = new CountingEndpoint();
        plane = ControlPlane.start(folder.resolve("home"));
        plane.publish(Repository.ROOT.resolve("testkit/src/main/resources/fake-extension"), "1.0.0");
        guest = Guest.enrol(plane, "m1", folder.resolve("machine"), "full");
        plane.api()
                .put(ControlPlane.path("m1", "one"), "{\"extension\": \"vmext.Fake\"}")
                .ok();
        plane.awaitHealthy("m1", "one", SOON);
    }

    @AfterEach
    void stop() throws Exception {
        endpoint.close();
        guest.close();
        plane.close();
    }

    /** As a handler that knows what it runs. */
    private void declare() throws Exception {
        Path config = guest.handlers().resolve("one/vmext.Fake-1.0.0/config");
        Path file = Files.writeString(config.resolve("monitoring.new"), """
                {"v": 1, "metrics": [{"name": "app", "url": "%s", "intervalSec": 1, "timeoutSec": 120}]}""".formatted(endpoint.url()));
        Files.move(file, config.resolve("monitoring.json"), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Between two scrapes: the one before is on the disk, the next is not answered. */
    private void killAgentBetweenScrapes() throws Exception {
        endpoint.hold();
        Eventually.until("the next question", SOON, endpoint::held, waiting -> waiting > 0);
        guest.killNine();
        endpoint.release();
    }

    private void scraped(int more) throws Exception {
        int wanted = endpoint.count() + more;
        Eventually.until("the endpoint was asked", SOON, endpoint::count, count -> count >= wanted);
    }

    /** One value for each second since the test began; NaN where there is none. */
    private double[] seconds(String aggregate) throws Exception {
        JsonNode answer = plane.api()
                .get("/v1/projects/default/machines/m1/metrics/range?name=scrapes_total&step=1s&aggregate=" + aggregate
                        + "&from=" + began.getEpochSecond() + "&to="
                        + Instant.now().plusSeconds(2).getEpochSecond())
                .ok();
        assertThat(answer.path("series").size()).as("series").isLessThanOrEqualTo(1);
        JsonNode values = answer.at("/series/0/values");
        double[] seconds = new double[values.size()];
        for (int i = 0; i < seconds.length; i++) {
            seconds[i] = values.get(i).isNull() ? Double.NaN : values.get(i).asDouble();
        }
        return seconds;
    }

    private double newest() throws Exception {
        double newest = 0;
        for (double value : seconds("max")) {
            newest = Double.isNaN(value) ? newest : Math.max(newest, value);
        }
        return newest;
    }

    private void assertNoneIsMissingAndNoneIsThereTwice() throws Exception {
        double[] many = seconds("count");
        double[] lowest = seconds("min");
        double[] highest = seconds("max");
        List<Integer> stored = new ArrayList<>();
        for (int i = 0; i < many.length; i++) {
            if (Double.isNaN(many[i]) || many[i] == 0) {
                continue;
            }
            assertThat(many[i]).as("samples in one second").isLessThanOrEqualTo(2);
            stored.add((int) lowest[i]);
            if (many[i] == 2) {
                stored.add((int) highest[i]);
            }
            // A sample has the time at which its question began: after the answer before it, before its own.
            Instant second = Instant.ofEpochSecond(began.getEpochSecond() + i);
            int first = (int) lowest[i];
            int last = (int) highest[i];
            assertThat(second).as("second of " + last).isBeforeOrEqualTo(endpoint.answered(last));
            if (first > 1) {
                assertThat(second.plusSeconds(1))
                        .as("second of " + first)
                        .isAfterOrEqualTo(endpoint.answered(first - 1));
            }
        }
        List<Integer> served = new ArrayList<>();
        for (int i = 1; i <= endpoint.count(); i++) {
            served.add(i);
        }
        assertThat(stored).isEqualTo(served);
    }

    private void found(String subject) throws Exception {
        List<String> command = List.of(
                guest.handlers()
                        .resolve("one/vmext.Fake-1.0.0/bin/vmext-finding")
                        .toString(),
                guest.root.resolve("var/log/azure/vmext.Fake/events").toString(),
                "fake-found",
                subject);
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    private List<String> findings() throws Exception {
        List<String> found = new ArrayList<>();
        for (JsonNode finding : plane.api()
                .get("/v1/projects/default/findings?type=fake-found&limit=1000")
                .ok()
                .path("items")) {
            found.add(finding.path("subject").asText() + " "
                    + finding.path("count").asInt());
        }
        return found;
    }

    @Test
    void whatIsMeasuredIsStoredOnceWhateverIsKilledAndHoweverLongNobodyTakesIt() throws Exception {
        declare();
        scraped(5);
        killAgentBetweenScrapes();
        guest.startAgain();
        scraped(3);

        // At any moment: a batch may be on its way, stored and not acknowledged, or acknowledged and not removed.
        for (int i = 0; i < 3; i++) {
            plane.killNine();
            scraped(2);
            plane.startAgain();
            scraped(3);
        }
        Eventually.until("what is measured arrives again", SOON, this::newest, value -> value > 5);

        // An hour's worth that nobody takes, and in the middle of it the agent is killed.
        plane.killNine();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            found("offline " + i);
            expected.add("offline " + i + " 1");
        }
        scraped(AN_HOUR / 2);
        killAgentBetweenScrapes();
        for (int i = 10; i < 20; i++) {
            found("offline " + i);
            expected.add("offline " + i + " 1");
        }
        guest.startAgain();
        scraped(AN_HOUR / 2);
        plane.startAgain();
        scraped(2);

        endpoint.hold();
        Eventually.until("the next question", SOON, endpoint::held, waiting -> waiting > 0);
        Eventually.until("all is stored", SOON, this::newest, value -> value >= endpoint.count());
        assertNoneIsMissingAndNoneIsThereTwice();
        Eventually.until("all findings", SOON, this::findings, found -> found.size() >= expected.size());
        assertThat(findings()).containsExactlyInAnyOrderElementsOf(expected);

        // What was acknowledged is on the disk of the control plane.
        plane.killNine();
        plane.startAgain();
        assertNoneIsMissingAndNoneIsThereTwice();
        assertThat(findings()).containsExactlyInAnyOrderElementsOf(expected);
        endpoint.release();
    }
}
