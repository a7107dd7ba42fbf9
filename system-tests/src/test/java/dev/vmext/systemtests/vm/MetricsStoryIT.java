package dev.vmext.systemtests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Product;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** vmext.Metrics with the real exporter, looked at from beside it: through its socket, and at what the machine has. */
@Order(40)
class MetricsStoryIT extends MachineStory {
    private static final String NAME = "metrics";
    private static final String EXTENSION = "vmext.Metrics";
    private static final String READ = "curl -sS --unix-socket /run/vmext-metrics/node.sock http://localhost/metrics";

    /** The sum of all series whose line begins like this. */
    private static double sum(String beginning) throws Exception {
        return Double.parseDouble(
                inside(READ + " | grep '^" + beginning + "' | awk '{ sum += $NF } END { print sum + 0 }'")
                        .strip());
    }

    private JsonNode settled(String settings, String version) throws Exception {
        want(NAME, EXTENSION, version, settings);
        return healthy(NAME);
    }

    @Test
    @Order(1)
    void theMachineIsMeasuredAndNobodyElseCanReadIt() throws Exception {
        JsonNode ready = settled("{\"services\": [\"vmext-*.service\", \"story-*.service\"]}", "");
        assertThat(ready.path("status").path("message").asText()).contains("The machine offers");
        assertThat(inside(READ))
                .contains("node_cpu_seconds_total{cpu=\"0\",mode=\"user\"}")
                .contains("node_memory_MemAvailable_bytes")
                .contains("node_disk_written_bytes_total{device=\"vda\"}")
                .contains("node_filesystem_avail_bytes{device=\"/dev/vda\"")
                .contains("node_network_receive_bytes_total{device=\"enp0s1\"}")
                .contains("node_pressure_cpu_waiting_seconds_total")
                .contains("node_systemd_unit_state{name=\"vmext-agent.service\",state=\"active\",type=\"exec\"} 1")
                .doesNotContain("name=\"systemd-journald.service\"");
        assertThat(inside(
                        "stat -c '%a %U' /run/vmext-metrics/node.sock; systemctl is-active prometheus-node-exporter || true\n"
                                + "grep -c ':238C ' /proc/net/tcp /proc/net/tcp6 || true"))
                .as("a socket of root, and nothing on port 9100")
                .contains("600 root", "inactive", "/proc/net/tcp:0", "/proc/net/tcp6:0");
    }

    @Test
    @Order(2)
    void theMetricsFollowWhatTheMachineDoes() throws Exception {
        double busy = sum("node_cpu_seconds_total{.*mode=\"user\"}");
        double written = sum("node_disk_written_bytes_total{device=\"vda\"}");
        inside("""
                timeout 15 sh -c 'while :; do :; done' || true
                dd if=/dev/urandom of=/root/load bs=1M count=20 conv=fsync 2>/dev/null
                rm /root/load
                systemd-run --quiet --unit=story-dying sh -c 'exit 7' || true
                until [ "$(systemctl is-failed story-dying)" = failed ]; do :; done""");
        assertThat(sum("node_cpu_seconds_total{.*mode=\"user\"}") - busy).isGreaterThan(3);
        assertThat(sum("node_disk_written_bytes_total{device=\"vda\"}") - written)
                .isGreaterThan(20e6);
        assertThat(inside(READ))
                .contains("node_systemd_unit_state{name=\"story-dying.service\",state=\"failed\",type=\"simple\"} 1");
        inside("systemctl reset-failed story-dying");
    }

    @Test
    @Order(3)
    void settingsThatTheExporterRefusesLeaveItAsItWas() throws Exception {
        String before = inside("systemctl show -p ExecStart --value vmext-metrics | sed 's/ start_time=.*//'");
        // A look-ahead is fine for the schema and for Java; the exporter's own expressions have none.
        want(NAME, EXTENSION, "", "{\"ignore\": {\"disks\": \"(?=x)\"}}");
        JsonNode failed = failed(NAME);
        assertThat(failed.toString())
                .contains("cannot measure this machine with these settings", "The exporter runs as before");
        assertThat(inside("systemctl show -p ExecStart --value vmext-metrics | sed 's/ start_time=.*//'"))
                .isEqualTo(before);
        assertThat(inside(READ)).contains("node_load1");
        settled(
                "{\"services\": [\"vmext-*.service\"], \"collect\": {\"pressure\": false}, \"moreCollectors\": [\"timex\"]}",
                "");
        assertThat(inside(READ)).contains("node_timex_offset_seconds").doesNotContain("node_pressure");
    }

    @Test
    @Order(4)
    void goesToANewerVersionAndBackAndThroughARestart() throws Exception {
        String settings = "{\"services\": [\"vmext-*.service\"]}";
        JsonNode old = settled(settings, "");
        String version = old.path("runningVersion").asText();
        publishAs(EXTENSION, "1.9.0");
        for (String next : List.of("1.9.0", version)) {
            want(NAME, EXTENSION, next, settings);
            healthy(NAME, next);
            assertThat(inside(READ)).contains("node_load1");
        }
        reboot();
        healthy(NAME);
        assertThat(inside(READ)).contains("node_load1");
    }

    @Test
    @Order(5)
    void leavesNothingBehind() throws Exception {
        uninstall(NAME);
        assertThat(inside(
                        "ls -d /etc/systemd/system/vmext-metrics* /run/vmext-metrics /var/lib/vmext-metrics /var/lib/prometheus "
                                + "/etc/default/prometheus-node-exporter 2>/dev/null || true\n"
                                + "dpkg-query -W -f '${Package} ${Status}\\n' prometheus-node-exporter 2>/dev/null || true\n"
                                + "grep prometheus /etc/passwd || true"))
                .isBlank();
        assertThat(inside("grep 'Removal of metrics' /var/log/vmext/agent.log | tail -n 1"))
                .doesNotContain("left behind");
    }

    @Test
    @Order(6)
    void anExporterThatWasThereBeforeGoesOn() throws Exception {
        String other = "curl -sS http://127.0.0.1:9100/metrics | grep -c '^node_load1 '";
        inside(
                "DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends prometheus-node-exporter >/dev/null");
        try {
            settled("{}", "");
            assertThat(inside(other).strip()).isEqualTo("1");
            assertThat(inside(READ)).contains("node_load1");
            Product.Said shown = vmext("installation", "show", "demo", NAME);
            assertThat(shown.out()).contains("It stays as it is");
            uninstall(NAME);
            assertThat(Eventually.until(
                            "the other exporter answers",
                            GUEST,
                            () -> inside(other).strip(),
                            "1"::equals))
                    .isEqualTo("1");
        } finally {
            inside(
                    "DEBIAN_FRONTEND=noninteractive apt-get -qq -y purge prometheus-node-exporter >/dev/null; userdel prometheus || true\n"
                            + "rm -rf /var/lib/prometheus");
        }
    }
}
