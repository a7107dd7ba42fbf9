package dev.vmext.systemtests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Eventually;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** vmext.ApplicationHealth with a real service that dies and comes back, and what the control plane says of it. */
@Order(50)
class ApplicationHealthStoryIT extends MachineStory {
    private static final String NAME = "health";
    private static final String EXTENSION = "vmext.ApplicationHealth";
    private static final String FINDINGS = "/v1/projects/default/findings?machine=demo&type=application-unhealthy";
    private static final String SETTINGS = """
            {"applications": [
               {"name": "page", "http": {"url": "http://127.0.0.1:8999/health.txt", "statuses": ["200-204"], "body": "^all is well"},
                "intervalSec": 5, "graceSec": 0, "failuresUntilUnhealthy": 2},
               {"name": "port", "tcp": {"port": 8999}, "intervalSec": 5, "graceSec": 0, "failuresUntilUnhealthy": 2},
               {"name": "service", "unit": {"name": "story-shop.service"}, "intervalSec": 5, "timeoutSec": 5, "graceSec": 0,
                "failuresUntilUnhealthy": 2}],
             "commands": [{"name": "file", "command": ["/usr/bin/test", "-e", "/run/story-shop/health.txt"], "intervalSec": 5,
                "graceSec": 0, "failuresUntilUnhealthy": 2}]}""";

    private static void startShop() throws Exception {
        inside("""
                mkdir -p /run/story-shop
                echo all is well > /run/story-shop/health.txt
                systemctl is-active --quiet story-shop || systemd-run --quiet --unit=story-shop --property=WorkingDirectory=/run/story-shop \\
                    /usr/bin/python3 -m http.server --bind 127.0.0.1 8999""");
    }

    /** The findings about one application, newest first. */
    private List<JsonNode> findings(String subject) throws Exception {
        return api.get(FINDINGS)
                .ok()
                .path("items")
                .valueStream()
                .filter(finding -> finding.path("subject").asText().equals(subject))
                .toList();
    }

    private void awaitFinding(String subject, String state) throws Exception {
        Eventually.until(
                "the finding about " + subject + " is " + state,
                GUEST,
                () -> findings(subject),
                found -> found.size() == 1
                        && found.getFirst().path("state").asText().equals(state));
    }

    /** The newest value of a probe's metric; NaN when there is none. */
    private double metric(String name, String probe) throws Exception {
        return api.get("/v1/projects/default/machines/demo/metrics?name=" + name)
                .ok()
                .path("series")
                .valueStream()
                .filter(series -> series.path("labels").path("probe").asText().equals(probe)
                        && !series.path("ended").asBoolean())
                .mapToDouble(series -> series.path("value").asDouble())
                .findFirst()
                .orElse(Double.NaN);
    }

    private void awaitMetric(String name, String probe, double value) throws Exception {
        Eventually.until(
                name + " of " + probe + " is " + value, GUEST, () -> metric(name, probe), seen -> seen == value);
    }

    @Test
    @Order(1)
    void applicationsThatAnswerAreHealthyAndTheirTimesAreMeasured() throws Exception {
        startShop();
        want(NAME, EXTENSION, "", SETTINGS);
        healthy(NAME);
        for (String probe : List.of("page", "port", "service", "file")) {
            awaitMetric("vmext_probe_healthy", probe, 1);
            assertThat(findings(probe)).isEmpty();
        }
        assertThat(metric("vmext_probe_duration_seconds", "page")).isPositive();
        assertThat(inside("stat -c %a /var/lib/vmext/handlers/health/*/config/monitoring.json")
                        .strip())
                .isEqualTo("600");
    }

    @Test
    @Order(2)
    void aServiceThatDiesIsToldAndItsReturnToo() throws Exception {
        inside("systemctl stop story-shop");
        for (String probe : List.of("page", "port", "service")) {
            awaitFinding(probe, "open");
            awaitMetric("vmext_probe_healthy", probe, 0);
        }
        assertThat(findings("service").getFirst().path("evidence").toString()).contains("story-shop.service");
        assertThat(findings("file")).as("what still answers is not accused").isEmpty();
        healthy(NAME);
        startShop();
        for (String probe : List.of("page", "port", "service")) {
            awaitFinding(probe, "resolved");
            awaitMetric("vmext_probe_healthy", probe, 1);
        }
    }

    @Test
    @Order(3)
    void anAnswerThatSaysSomethingElseIsNoHealthyOne() throws Exception {
        inside("echo all is lost > /run/story-shop/health.txt");
        awaitFinding("page", "open");
        assertThat(findings("page").getFirst().path("evidence").toString()).contains("does not contain ^all is well");
        assertThat(findings("port").getFirst().path("state").asText()).isEqualTo("resolved");
        startShop();
        awaitFinding("page", "resolved");
    }

    @Test
    @Order(4)
    void wrongSettingsAreRefusedAndWhatWasAskedIsStillAsked() throws Exception {
        String before = inside("cat /var/lib/vmext/handlers/health/*/config/monitoring.json");
        // The schema lets it through: that a name is there twice only the handler sees.
        want(NAME, EXTENSION, "", """
                {"applications": [{"name": "a", "tcp": {"port": 1}}, {"name": "a", "tcp": {"port": 2}}]}""");
        assertThat(failed(NAME).toString()).contains("two applications or commands have this name");
        assertThat(inside("cat /var/lib/vmext/handlers/health/*/config/monitoring.json"))
                .isEqualTo(before);
        want(NAME, EXTENSION, "", SETTINGS);
        healthy(NAME);
    }

    @Test
    @Order(5)
    void goesToANewerVersionAndBack() throws Exception {
        String version = installation(NAME).path("runningVersion").asText();
        publishAs(EXTENSION, "1.9.0");
        for (String next : List.of("1.9.0", version)) {
            want(NAME, EXTENSION, next, SETTINGS);
            healthy(NAME, next);
        }
        awaitMetric("vmext_probe_healthy", "page", 1);
    }

    @Test
    @Order(6)
    void whoIsRemovedAsksNothingAndAccusesNobody() throws Exception {
        inside("systemctl stop story-shop");
        awaitFinding("page", "open");
        uninstall(NAME);
        awaitFinding("page", "resolved");
        assertThat(inside("ls /var/lib/vmext/handlers")).doesNotContain(NAME);
        inside("rm -rf /run/story-shop; systemctl reset-failed story-shop || true");
    }
}
