package dev.vmext.systemtests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vmext.systemtests.product.Api;
import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Eventually;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** vmext.ApplicationHealth with a real service that wants a password, is slow, says something else, dies and comes back. */
@Order(50)
@Tag("long")
class ApplicationHealthStoryIT extends WatchingStory {
    private static final String NAME = "health";
    private static final String EXTENSION = "vmext.ApplicationHealth";
    private static final String NEWER = newerVersion();
    private static final String TYPE = "application-unhealthy";
    private static final String QUICK =
            "\"intervalSec\": 8, \"timeoutSec\": 8, \"graceSec\": 0, \"failuresUntilUnhealthy\": 2";
    /** The last one fails and may, for a time: nothing is known of it. */
    private static final String SETTINGS = """
            {"applications": [
               {"name": "page", "http": {"url": "http://127.0.0.1:8998/health", "statuses": ["200-204"], "body": "^all is well"}, %1$s},
               {"name": "port", "tcp": {"port": 8998}, %1$s},
               {"name": "service", "unit": {"name": "story-shop.service"}, %1$s},
               {"name": "starting", "tcp": {"port": 8997}, "intervalSec": 5, "graceSec": 3600}],
             "commands": [{"name": "file", "command": ["/usr/bin/test", "-e", "/run/story-shop/health"], %1$s}]}""".formatted(QUICK);

    private static final String PROTECTED = "{\"headers\": {\"page\": {\"Authorization\": \"Bearer story-canary\"}}}";

    private String version = "";

    /** Wants it with the header that is a secret. */
    private void wanted(String version) throws Exception {
        ObjectNode body =
                Api.JSON.createObjectNode().put("extension", EXTENSION).put("version", version);
        body.set("settings", Api.JSON.readTree(SETTINGS));
        body.set("protectedSettings", Api.JSON.readTree(PROTECTED));
        api.put(ControlPlane.path("demo", NAME), body.toString()).ok();
    }

    private static Map<String, String> of(String probe) {
        return Map.of("installation", NAME, "probe", probe);
    }

    private void awaitHealth(String probe, int healthy) throws Exception {
        awaitValue("vmext_probe_healthy", of(probe), healthy);
    }

    /** What the control plane says of a probe: healthy, unhealthy or unknown. */
    private String available(String probe) throws Exception {
        for (JsonNode one :
                api.get("/v1/projects/default/machines/demo/availability").ok().path("items")) {
            if (one.path("kind").asText().equals("probe")
                    && one.path("installation").asText().equals(NAME)
                    && one.path("name").asText().equals(probe)) {
                return one.path("state").asText();
            }
        }
        return "";
    }

    private void awaitAvailable(String probe, String state) throws Exception {
        Eventually.until(probe + " is " + state, GUEST, () -> available(probe), state::equals);
    }

    /** On a machine that was kept there are findings of an earlier run, which are over. */
    private List<JsonNode> openAbout(String probe) throws Exception {
        return findings(TYPE, probe).stream()
                .filter(one -> !one.path("state").asText().equals("resolved"))
                .toList();
    }

    @AfterAll
    void leaveTheMachineAsItWas() throws Exception {
        takeOff(NAME);
        Shop.stop();
    }

    @Test
    @Order(1)
    void applicationsThatAnswerAreHealthyAndOfOthersNothingIsKnown() throws Exception {
        version = built(EXTENSION);
        remember();
        Footprint.before();
        Shop.start(files());
        inside("echo Bearer story-canary > /run/story-shop/key; echo 1.2 > /run/story-shop/delay");
        wanted(version);
        healthy(NAME);
        for (String probe : List.of("page", "port", "service", "file")) {
            awaitHealth(probe, 1);
            assertThat(openAbout(probe)).isEmpty();
            awaitAvailable(probe, "healthy");
        }
        assertThat(value("vmext_probe_duration_seconds", of("page")))
                .as("the application takes its time")
                .isGreaterThan(1.2);
        inside("rm /run/story-shop/delay");
        awaitValue("vmext_probe_success", of("starting"), 0);
        assertThat(newest("vmext_probe_healthy", of("starting"))).isEmpty();
        assertThat(available("starting")).isIn("unknown", "");
        assertThat(inside("stat -c %a /var/lib/vmext/handlers/health/*/config/monitoring.json; "
                        + "grep -rl story-canary /var/lib/vmext/handlers/health /var/log/azure /var/log/vmext || true"))
                .as("the secret is where the agent reads it, for root alone")
                .startsWith("600")
                .doesNotContain("/var/log");
    }

    @Test
    @Order(2)
    void nothingOfItsOwnRuns() throws Exception {
        Footprint taken = Footprint.of(NAME, "vmext-application-health");
        assertThat(taken).isEqualTo(new Footprint(0, 0, 0, taken.filesKiB()));
    }

    @Test
    @Order(3)
    void aServiceThatDiesIsToldAndItsReturnToo() throws Exception {
        inside("systemctl kill -s KILL story-shop");
        for (String probe : List.of("page", "port", "service")) {
            awaitFinding(TYPE, probe, "open");
            awaitHealth(probe, 0);
            awaitAvailable(probe, "unhealthy");
        }
        assertThat(findings(TYPE, "service").getFirst().path("evidence").toString())
                .contains("story-shop.service");
        assertThat(openAbout("file")).as("what still answers is not accused").isEmpty();
        assertThat(installation(NAME).path("healthy").asBoolean())
                .as("who asks is not ill")
                .isTrue();
        inside("systemctl restart story-shop");
        for (String probe : List.of("page", "port", "service")) {
            awaitFinding(TYPE, probe, "resolved");
            awaitHealth(probe, 1);
        }
    }

    @Test
    @Order(4)
    void anAnswerThatSaysSomethingElseIsNoHealthyOne() throws Exception {
        inside("echo all is lost > /run/story-shop/health");
        JsonNode open = awaitFinding(TYPE, "page", "open");
        assertThat(open.path("evidence").toString()).contains("does not contain ^all is well");
        assertThat(findings(TYPE, "port").getFirst().path("state").asText()).isEqualTo("resolved");
        inside("echo all is well > /run/story-shop/health");
        awaitFinding(TYPE, "page", "resolved");
        inside("echo Bearer another > /run/story-shop/key");
        JsonNode refused = awaitFinding(TYPE, "page", "open");
        assertThat(refused.path("evidence").toString()).contains("401");
        assertThat(refused.toString()).doesNotContain("story-canary");
        inside("rm /run/story-shop/key");
        awaitFinding(TYPE, "page", "resolved");
    }

    @Test
    @Order(5)
    void wrongSettingsAreRefusedAndWhatWasAskedIsStillAsked() throws Exception {
        String before = inside("cat /var/lib/vmext/handlers/health/*/config/monitoring.json");
        // The schema lets it through: that a name is there twice only the handler sees.
        want(NAME, EXTENSION, "", """
                {"applications": [{"name": "a", "tcp": {"port": 1}}, {"name": "a", "tcp": {"port": 2}}]}""");
        assertThat(failed(NAME).toString()).contains("two applications or commands have this name");
        assertThat(inside("cat /var/lib/vmext/handlers/health/*/config/monitoring.json"))
                .isEqualTo(before);
        inside("systemctl stop story-shop");
        awaitFinding(TYPE, "port", "open");
        inside("systemctl start story-shop");
        awaitFinding(TYPE, "port", "resolved");
    }

    @Test
    @Order(6)
    void goesToANewerVersionAndBack() throws Exception {
        publishAs(EXTENSION, NEWER);
        for (String next : List.of(NEWER, version)) {
            wanted(next);
            healthy(NAME, next);
            awaitHealth("page", 1);
        }
    }

    @Test
    @Order(7)
    void whoIsRemovedAsksNothingAndAccusesNobody() throws Exception {
        inside("systemctl stop story-shop");
        awaitFinding(TYPE, "page", "open");
        uninstall(NAME);
        awaitFinding(TYPE, "page", "resolved");
        Eventually.until(
                "its series ended",
                GUEST,
                () -> newest("vmext_probe_success", Map.of("installation", NAME)),
                List::isEmpty);
        Shop.stop();
        assertThat(inside("ls /var/lib/vmext/handlers")).doesNotContain(NAME);
        assertNothingLeft("file /var/log/azure(/vmext\\.ApplicationHealth.*)?");
    }
}
