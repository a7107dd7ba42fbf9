package dev.vmext.systemtests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Api;
import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Product;
import dev.vmext.systemtests.product.Repository;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What needs a machine with systemd, control groups and a restart: one installation of vmext.Limited, whose package declares limits, a
 * lease and data that stays, from waiting for a stranger's lock to the report of its removal.
 */
@Order(2)
class HostStoryIT extends MachineStory {
    @Override
    boolean installsPackages() {
        return false;
    }

    private static final String NAME = "limited";

    private void want(String mode) throws Exception {
        api.put(
                        ControlPlane.path("demo", NAME),
                        Api.JSON.writeValueAsString(
                                Map.of("extension", "vmext.Limited", "settings", Map.of("mode", mode))))
                .ok();
    }

    private JsonNode failed() throws Exception {
        long sequence = installation(NAME).path("sequence").asLong();
        return Eventually.until(
                NAME + " failed",
                GUEST,
                () -> installation(NAME),
                view -> view.path("state").asText().equals("failed")
                        && view.path("sequence").asLong() == sequence
                        && view.path("attempt").asInt() > 0
                        && view.path("cause").isObject());
    }

    private static String evidence(JsonNode view, String name) {
        return view.path("cause").path("evidence").path(name).asText();
    }

    @Test
    @Order(20)
    void whoeverHoldsThePackageManagerIsNamedUntilHeLetsGo() throws Exception {
        publish(
                Repository.ROOT.resolve("system-tests/src/test/resources/limited-extension"),
                WORK.resolve("limited.zip").toString());
        // A real apt-get: it has locked dpkg, and waits for an answer that never comes.
        inside("systemd-run --quiet --unit=stranger sh -c 'sleep 1000000 | apt-get remove zstd'\n"
                + "until [ -n \"$(pidof apt-get)\" ] && grep -q \" $(pidof apt-get) \" /proc/locks; do sleep 1; done");
        want("leak");
        try {
            // Before it is the stranger's turn to be in the way, another installation may be.
            JsonNode waiting = Eventually.until(
                    NAME + " waits for apt-get",
                    GUEST,
                    () -> installation(NAME),
                    view -> view.path("state").asText().equals("waiting-lease")
                            && view.path("cause").toString().contains("apt-get remove zstd"));
            assertThat(waiting.path("cause").path("kind").asText())
                    .as(waiting.toString())
                    .isEqualTo("lock");
            assertThat(Long.parseLong(evidence(waiting, "pid"))).isPositive();
        } finally {
            inside("systemctl stop stranger");
        }
    }

    @Test
    @Order(21)
    void aCommandThatLeaksIsEndedByItsLimitAndItsWorkloadLivesOn() throws Exception {
        JsonNode leaked = failed();
        assertThat(leaked.path("cause").path("kind").asText())
                .as(leaked.toString())
                .isEqualTo("killed-by-budget");
        assertThat(evidence(leaked, "limit")).isEqualTo("memoryMiB");
        assertThat(evidence(leaked, "memory.events")).startsWith("oom_kill");
        JsonNode usage = leaked.path("usage");
        assertThat(usage.path("budgeted").asBoolean()).isTrue();
        assertThat(usage.path("memoryPeakKiB").asLong()).isBetween(40L << 10, 48L << 10);
        assertThat(leaked.path("output").asText())
                .as("half a core was asked for by a loop that wants a whole one")
                .containsPattern("throttled [1-9]")
                .contains("group /sys/fs/cgroup/vmext.slice/vmext-limited.slice/");
        assertThat(inside("cat /proc/$(cat /run/limited.pid)/comm /proc/$(cat /run/limited.pid)/cgroup"))
                .as("started by the very command that leaked, in its control group")
                .contains("sleep")
                .contains("vmext-limited.slice");
    }

    @Test
    @Order(22)
    void aCommandThatFillsItsFoldersIsEndedAndTheFolderNamed() throws Exception {
        want("fill");
        JsonNode filled = Eventually.until(
                NAME + " filled its folder",
                GUEST,
                () -> installation(NAME),
                view -> evidence(view, "limit").equals("diskMiB"));
        assertThat(filled.path("cause").path("kind").asText()).isEqualTo("killed-by-budget");
        assertThat(evidence(filled, "path")).isEqualTo("/var/lib/vmext/handlers/limited");
        assertThat(Integer.parseInt(evidence(filled, "usedMiB"))).isGreaterThanOrEqualTo(80);
        assertThat(inside("cat /proc/$(cat /run/limited.pid)/comm; pgrep -fc 'sleep 1000$' || true"))
                .as("the command and all of it is gone, the workload is not")
                .contains("sleep")
                .contains("0");
    }

    @Test
    @Tag("long")
    @Order(23)
    void aRestartThatAHandlerAsksForIsDoneOnceAndWorkGoesOn() throws Exception {
        String before = inside("cat /proc/sys/kernel/random/boot_id");
        want("restart");
        Eventually.until(
                "the machine was restarted and " + NAME + " enabled again",
                GUEST,
                () -> installation(NAME),
                view -> view.path("state").asText().equals("ready")
                        && view.path("status").path("message").asText().contains("restart"));
        String after = inside("cat /proc/sys/kernel/random/boot_id");
        assertThat(after).isNotEqualTo(before);
        healthy(NAME);
        healthy("firewall");
        assertThat(
                        inside(
                                "cat /proc/sys/kernel/random/boot_id; grep -c 'Restarting the machine' /var/log/vmext/agent.log"))
                .as("it asked again after the restart, and was not heard for the same settings")
                .isEqualToIgnoringWhitespace(after + " 1");
    }

    @Test
    @Order(24)
    void aRemovalTellsWhatIsGoneWhatStaysAndWhatWasLeftBehind() throws Exception {
        Product.Said removed = vmext("uninstall", "demo", NAME, "--wait");
        assertThat(removed.exit()).as(removed.all()).isZero();
        String log = inside("grep 'Removal of limited' /var/log/vmext/agent.log");
        assertThat(log)
                .contains("gone: folder /opt/limited")
                .contains("kept: folder /var/lib/limited")
                .contains("left behind:")
                .contains("unit limited.service")
                .contains("user limited");
        assertThat(List.of(inside("ls /opt /var/lib/limited; id limited").split("\\s+")))
                .contains("data")
                .doesNotContain("limited");
    }
}
