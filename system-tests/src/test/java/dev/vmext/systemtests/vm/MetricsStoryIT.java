package dev.vmext.systemtests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Product;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * vmext.Metrics with the real exporter and an application, and the alerts that follow: load, a file system that fills, a service that
 * dies. What arrived at the control plane is compared with what the machine itself says.
 */
@Order(40)
@Tag("long")
class MetricsStoryIT extends WatchingStory {
    private static final String NAME = "metrics";
    private static final String EXTENSION = "vmext.Metrics";
    private static final String READ = "curl -sS --unix-socket /run/vmext-metrics/node.sock http://localhost/metrics";
    private static final String DISK = "/srv/story";
    private static final String NEWER = newerVersion();
    private static final Map<String, String> SHOP = Map.of("source", "shop");

    private String version = "";

    private static String settings(String more) {
        return """
                {"services": ["vmext-*.service", "story-*.service"], "machine": {"intervalSec": 5},
                 "applications": [{"name": "shop", "url": "http://127.0.0.1:8998/metrics", "intervalSec": 5, "maxSeries": 5,
                                   "labels": {"team": "checkout"}}]%s}""".formatted(more);
    }

    private void settled(String settings) throws Exception {
        want(NAME, EXTENSION, version, settings);
        healthy(NAME);
    }

    private static double number(String script) throws Exception {
        return Double.parseDouble(inside(script).strip());
    }

    @AfterAll
    void leaveTheMachineAsItWas() throws Exception {
        takeOff(NAME);
        Shop.stop();
        api.delete("/v1/projects/default/alert-rules/story-full-soon");
        inside("""
                systemctl stop story-writer 2>/dev/null
                ! mountpoint -q %1$s || umount %1$s
                rm -rf %1$s /root/story.img
                DEBIAN_FRONTEND=noninteractive apt-get -qq -y purge --auto-remove prometheus-node-exporter >/dev/null
                # Debian's package leaves its user.
                ! id prometheus >/dev/null 2>&1 || userdel prometheus""".formatted(DISK));
    }

    @Test
    @Order(1)
    void theMachineIsMeasuredAndNobodyElseCanReadIt() throws Exception {
        without(NAME);
        version = built(EXTENSION);
        remember();
        Footprint.before();
        Shop.start(files());
        settled(settings(""));
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
        awaitValue("up", Map.of("source", "node"), 1);
        awaitValue("up", SHOP, 1);
        assertThat(value("node_memory_MemTotal_bytes", Map.of()))
                .isEqualTo(number("awk '/^MemTotal/ { print $2 * 1024 }' /proc/meminfo"));
    }

    @Test
    @Order(2)
    void whatArrivesFollowsWhatTheMachineAndTheApplicationDo() throws Exception {
        Map<String, String> user = Map.of("cpu", "0", "mode", "user");
        Map<String, String> disk = Map.of("device", "vda");
        double busy = value("node_cpu_seconds_total", user);
        double written = value("node_disk_written_bytes_total", disk);
        double seconds = number("""
                        a=$(awk '/^cpu0 / { print $2 }' /proc/stat)
                        timeout 8 sh -c 'while :; do :; done' || true
                        dd if=/dev/urandom of=/root/load bs=1M count=20 conv=fsync 2>/dev/null
                        rm /root/load
                        echo 'shop_orders_total 41' > /run/story-shop/metrics
                        b=$(awk '/^cpu0 / { print $2 }' /proc/stat)
                        echo $((b - a))""") / 100;
        assertThat(seconds).as("the load itself").isPositive();
        Eventually.until(
                "the seconds of the processor arrive",
                GUEST,
                () -> value("node_cpu_seconds_total", user) - busy,
                more -> more >= seconds - 0.02);
        Eventually.until(
                "the written bytes arrive",
                GUEST,
                () -> value("node_disk_written_bytes_total", disk) - written,
                more -> more >= 20e6);
        Map<String, String> labels = Map.of("source", "shop", "team", "checkout", "installation", NAME);
        awaitValue("shop_orders_total", labels, 41);
        Product.Said shown = vmext("metrics", "demo", "shop_orders_total");
        assertThat(shown.out()).as(shown.all()).contains("41", "checkout");
    }

    @Test
    @Order(3)
    void theExporterIsAllThatStays() throws Exception {
        Footprint taken = Footprint.of(NAME, "vmext-metrics");
        assertThat(taken.processes()).as(taken.toString()).isEqualTo(1);
        assertThat(taken.residentKiB()).as("the limit of its unit").isPositive().isLessThan(128 * 1024);
    }

    @Test
    @Order(4)
    void anApplicationWithTooManySeriesIsCutAndTold() throws Exception {
        inside("for i in $(seq 9); do echo \"shop_many{n=\\\"$i\\\"} $i\"; done >> /run/story-shop/metrics");
        JsonNode finding = awaitFinding("metrics-cardinality", "shop", "open");
        assertThat(finding.path("evidence").toString()).contains("\"leftOut\":\"5\"", "\"maxSeries\":\"5\"");
        // Samples take another way than findings, and may come later.
        Eventually.until(
                "four of them arrive, beside one that was there before",
                GUEST,
                () -> newest("shop_many", SHOP),
                found -> found.size() == 4);
        inside("echo 'shop_orders_total 42' > /run/story-shop/metrics");
        awaitFinding("metrics-cardinality", "shop", "resolved");
        awaitValue("shop_orders_total", SHOP, 42);
        Eventually.until("they end", GUEST, () -> newest("shop_many", SHOP), List::isEmpty);
    }

    @Test
    @Order(5)
    void aServiceThatDiesAndADiskThatFillsAreAlerts() throws Exception {
        api.put("/v1/projects/default/alert-rules/story-full-soon", """
                {"summary": "{mountpoint} on {machine} is full within the hour", "severity": "high", "metric": "node_filesystem_avail_bytes",
                 "where": ["mountpoint=%s"], "kind": "forecast", "comparison": "<", "limit": 0, "windowSeconds": 50, "aheadSeconds": 3600,
                 "lastsSeconds": 0, "clearsSeconds": 0}""".formatted(DISK))
                .ok();
        inside("""
                truncate -s 64M /root/story.img
                mkfs.ext4 -q -m 0 /root/story.img
                mkdir -p %1$s
                mount -o loop /root/story.img %1$s
                systemctl kill -s KILL story-shop
                systemd-run --quiet --unit=story-writer sh -c \\
                    'for i in $(seq 40); do head -c 600000 /dev/zero >> %1$s/log; sync -f %1$s; sleep 1; done'""".formatted(DISK));
        JsonNode dead = awaitAlert("service-failed", "name", "story-shop.service");
        assertThat(dead.path("severity").asText()).isEqualTo("high");
        assertThat(dead.path("summary").asText()).contains("story-shop.service on demo has failed");
        awaitValue("up", SHOP, 0);
        assertThat(newest("shop_orders_total", SHOP))
                .as("what is dead has no values")
                .isEmpty();
        JsonNode soon = awaitAlert("story-full-soon", "mountpoint", DISK);
        assertThat(alert("disk-full", "mountpoint", DISK).path("state").asText())
                .as("told before it is full")
                .isNotEqualTo("firing");
        assertThat(soon.path("value").asDouble()).isNegative();

        inside("systemctl stop story-writer; head -c 70M /dev/zero > %1$s/log2 || true; sync -f %1$s || true"
                .formatted(DISK));
        JsonNode full = awaitAlert("disk-full", "mountpoint", DISK);
        assertThat(full.path("severity").asText()).isEqualTo("critical");
        assertThat(full.path("value").asDouble()).isLessThan(0.03);
        for (String rule : List.of("service-failed", "story-full-soon", "disk-full")) {
            assertThat(alertFindings(rule))
                    .as(rule)
                    .anySatisfy(one -> assertThat(one.path("state").asText()).isEqualTo("open"));
        }
        assertThat(vmext("alert", "list", "--machine", "demo").out()).contains("disk-full", DISK, "service-failed");
    }

    @Test
    @Order(6)
    void settingsThatTheExporterRefusesLeaveItAsItWas() throws Exception {
        String running = "systemctl show -p ExecStart --value vmext-metrics | sed 's/ ; ignore_errors.*//'";
        String before = inside(running);
        // A look-ahead is fine for the schema and for Java; the exporter's own expressions have none.
        want(NAME, EXTENSION, version, settings(", \"ignore\": {\"disks\": \"(?=x)\"}"));
        JsonNode failed = failed(NAME);
        Instant then = Instant.now();
        assertThat(failed.toString())
                .contains("cannot measure this machine with these settings", "The exporter runs as before");
        assertThat(inside(running)).isEqualTo(before);
        Eventually.until(
                "metrics come as before",
                GUEST,
                () -> newest("node_load1", Map.of()),
                found -> found.size() == 1 && found.getFirst().time().isAfter(then));
        settled(settings(", \"collect\": {\"pressure\": false}, \"moreCollectors\": [\"timex\"]"));
        assertThat(inside(READ)).contains("node_timex_offset_seconds").doesNotContain("node_pressure");
    }

    @Test
    @Order(7)
    void whatIsWellAgainIsNoAlertAnyMore() throws Exception {
        // It has to be so for a minute before it is told.
        awaitAlert("disk-filling", "mountpoint", DISK);
        inside("rm %s/log*; systemctl restart story-shop".formatted(DISK));
        awaitValue("up", SHOP, 1);
        for (String rule : List.of("disk-full", "disk-filling", "story-full-soon")) {
            awaitNoAlert(rule, "mountpoint", DISK);
        }
        awaitNoAlert("service-failed", "name", "story-shop.service");
        for (String rule : List.of("disk-full", "disk-filling", "story-full-soon", "service-failed")) {
            assertThat(alertFindings(rule))
                    .as(rule)
                    .isNotEmpty()
                    .allSatisfy(one -> assertThat(one.path("state").asText()).isEqualTo("resolved"));
        }
        inside("umount %1$s; rmdir %1$s; rm /root/story.img".formatted(DISK));
        api.delete("/v1/projects/default/alert-rules/story-full-soon").ok();
    }

    @Test
    @Order(8)
    void goesToANewerVersionAndBackWithoutInstallingTheExporterAgain() throws Exception {
        String installed = "stat -c %Z /usr/bin/prometheus-node-exporter";
        String before = inside(installed);
        publishAs(EXTENSION, NEWER);
        for (String next : List.of(NEWER, version)) {
            want(NAME, EXTENSION, next, settings(""));
            healthy(NAME, next);
            Instant then = Instant.now();
            Eventually.until(
                    "metrics of " + next + " come",
                    GUEST,
                    () -> newest("node_load1", Map.of()),
                    found -> found.size() == 1 && found.getFirst().time().isAfter(then));
        }
        assertThat(inside(installed)).isEqualTo(before);
    }

    @Test
    @Order(9)
    void leavesNothingBehind() throws Exception {
        uninstall(NAME);
        Shop.stop();
        assertNothingLeft("file /var/log/azure(/vmext\\.Metrics.*)?");
        assertThat(inside("grep 'Removal of metrics' /var/log/vmext/agent.log | tail -n 1"))
                .contains("left behind: nothing");
        Eventually.until("its series ended", GUEST, () -> newest("node_load1", Map.of()), List::isEmpty);
    }

    @Test
    @Order(10)
    void anExporterThatWasThereBeforeGoesOnAsItIs() throws Exception {
        String pid = "systemctl show -P MainPID prometheus-node-exporter";
        inside(
                "DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends prometheus-node-exporter >/dev/null");
        String before = inside(pid);
        settled("{}");
        assertThat(installation(NAME).toString()).contains("other exporter");
        awaitValue("up", Map.of("source", "node"), 1);
        uninstall(NAME);
        assertThat(inside(pid)).isEqualTo(before).isNotEqualToIgnoringWhitespace("0");
        assertThat(inside("curl -sS http://127.0.0.1:9100/metrics; systemctl is-enabled prometheus-node-exporter"))
                .contains("node_load1", "enabled");
    }
}
