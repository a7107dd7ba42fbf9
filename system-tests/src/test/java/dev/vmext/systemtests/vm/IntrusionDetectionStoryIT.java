package dev.vmext.systemtests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Api;
import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Eventually;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * vmext.IntrusionDetection on the machine: files that are changed, a package that is updated, and somebody in a network of his own who
 * tries names at the real sshd. What is told is read at the control plane; whether he is blocked is tried from where he is. The restart
 * of the machine in it is one for all three extensions that watch.
 */
@Order(60)
@Tag("long")
class IntrusionDetectionStoryIT extends WatchingStory {
    private static final String NAME = "ids";
    private static final String EXTENSION = "vmext.IntrusionDetection";
    private static final String NEWER = newerVersion();
    /** Paths are those that the extension watches by itself. */
    private static final String SETTINGS = """
            {"integrity": {"lookSeconds": 10 %s},
             "attacks": {"blocking": "%s", "maxFailures": 3, "banMinutes": %d, "jails": [{"service": "sshd"}]}}""";

    private static final String WATCHING = SETTINGS.formatted("", "off", 1);
    private static final String BLOCKING = SETTINGS.formatted(
            ", \"accept\": {\"id\": \"one\", \"paths\": [\"/etc/after-flood\", \"/usr/local/sbin/flood\"]}",
            "service",
            60);
    private static final String ATTACKER = "10.77.0.2";
    private static final String BASELINE = "sha256sum < /var/lib/vmext-intrusion-detection/baseline/db";
    private static final String TABLE = "nft list table inet vmext_intrusion_detection";

    private String version = "";

    @BeforeAll
    void sshdAndSomebodyInANetworkOfHisOwn() throws Exception {
        version = built(EXTENSION);
        // The cards and the name space are nobody's business but the kernel's: networkd would configure them.
        inside("""
                DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends openssh-server >/dev/null
                mkdir -p /run/systemd/network
                printf '[Match]\\nName=out\\n[Link]\\nUnmanaged=yes\\n' > /run/systemd/network/10-out.network
                networkctl reload
                ip netns add attacker
                ip link add out type veth peer name in netns attacker
                ip addr add 10.77.0.1/24 dev out && ip link set out up
                ip -n attacker addr add 10.77.0.2/24 dev in && ip -n attacker link set in up
                systemctl is-active ssh""");
        assertThat(inside("nft list table inet vmext_firewall"))
                .as("the firewall lets him come to sshd")
                .contains("dport 22");
        assertThat(knocks()).isEqualTo("open");
        remember();
        Footprint.before();
    }

    @AfterAll
    void leaveTheMachineAsItWas() throws Exception {
        takeOff(NAME, "health");
        inside("""
                ip netns del attacker 2>/dev/null
                ip link del out 2>/dev/null
                rm -rf /run/systemd/network/10-out.network /etc/after-flood /etc/after-restart /etc/while-failed /root/p1 /root/p2 /root/flood*.deb
                dpkg --purge flood 2>/dev/null
                DEBIAN_FRONTEND=noninteractive apt-get -qq -y purge --auto-remove openssh-server >/dev/null""");
    }

    private static void tryNames(String from) throws Exception {
        inside("""
                for i in 1 2 3; do
                    %s ssh -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \\
                        -o ConnectTimeout=60 thief$i@10.77.0.1 true 2>/dev/null || true &
                done
                wait""".formatted(from));
    }

    /** Somebody behind a network card of his own tries three names. */
    private static void attack() throws Exception {
        tryNames("ip netns exec attacker");
    }

    /** Whether he can open a connection to the sshd: "open" or "closed". */
    private static String knocks() throws Exception {
        return inside(
                        "ip netns exec attacker timeout 20 bash -c 'exec 3<>/dev/tcp/10.77.0.1/22' 2>/dev/null && echo open || echo closed")
                .strip();
    }

    private List<String> openFindings(String type) throws Exception {
        return findings(type, "").stream()
                .filter(one -> one.path("state").asText().equals("open"))
                .map(one -> one.path("subject").asText())
                .toList();
    }

    @Test
    @Order(1)
    void isReadyAndMakesItsBaseline() throws Exception {
        want(NAME, EXTENSION, version, WATCHING);
        healthy(NAME);
        Eventually.until(
                "the baseline is made",
                GUEST,
                () -> installation(NAME).toString(),
                text -> text.contains("ready: ") && text.contains("sha256 "));
        assertThat(installation(NAME).toString())
                .as("what an operator can compare is what lies there")
                .contains(inside(BASELINE).split(" ", -1)[0]);
        assertThat(inside("systemctl is-enabled fail2ban.service || true"))
                .as("Debian's own stays out of it")
                .contains("masked");
        assertThat(openFindings("file-changed")).isEmpty();
    }

    @Test
    @Order(2)
    void aChangedFileAndAnAttackAreFound() throws Exception {
        inside("""
                cp -p /etc/hosts /root/hosts.before; cp -p /usr/bin/clear /root/clear.before
                echo 192.0.2.1 evil.example >> /etc/hosts
                echo evil >> /usr/bin/clear""");
        // From an address of the machine itself it is no attack.
        tryNames("");
        attack();
        JsonNode changed = awaitFinding("file-changed", "/etc/hosts", "open");
        assertThat(changed.path("evidence").toString()).contains("content", "sha256 before", "sha256 now");
        JsonNode program = awaitFinding("file-changed", "/usr/bin/clear", "open");
        assertThat(program.path("evidence").path("package").asText()).isEqualTo("ncurses-bin");
        assertThat(program.path("evidence").path("sha256 before").asText())
                .isEqualTo(inside("sha256sum < /root/clear.before").split(" ", -1)[0]);
        JsonNode attack = awaitFinding("login-attack", ATTACKER, "open");
        assertThat(attack.path("evidence").toString()).contains("thief", "\"blocked\":\"no\"");
        assertThat(findings("login-attack", "")).as("and of nobody else").hasSize(1);
        assertThat(knocks()).as("only told of").isEqualTo("open");
        inside("""
                cat /root/hosts.before > /etc/hosts; cat /root/clear.before > /usr/bin/clear
                rm /root/hosts.before /root/clear.before""");
        awaitFinding("file-changed", "/etc/hosts", "resolved");
        awaitFinding("file-changed", "/usr/bin/clear", "resolved");
        awaitValue("vmext_intrusion_detection_attacks_total", Map.of("jail", "sshd"), 1);
        awaitValue("vmext_intrusion_detection_changed_files", Map.of(), 0);
    }

    @Test
    @Order(3)
    void onlyFail2banStays() throws Exception {
        Footprint taken = Footprint.of(NAME, "vmext-intrusion-detection");
        assertThat(taken.processes()).as(taken.toString()).isEqualTo(1);
        assertThat(taken.residentKiB())
                .as("the limit of the settings")
                .isPositive()
                .isLessThan(256 * 1024);
    }

    @Test
    @Order(4)
    void aPackageThatChangesManyFilesIsOneFindingAndWhatOneTampersWithIsAnother() throws Exception {
        inside("""
                for v in 1 2; do
                    mkdir -p /root/p$v/DEBIAN /root/p$v/usr/local/sbin/flood /root/p$v/etc
                    for i in $(seq 80); do echo "$v $i" > /root/p$v/usr/local/sbin/flood/f$i; done
                    echo "$v" > /root/p$v/etc/flood.conf
                    (cd /root/p$v && find usr etc -type f -exec md5sum {} + > DEBIAN/md5sums)
                    printf 'Package: flood\\nVersion: %s\\nArchitecture: all\\nMaintainer: t <t@example.com>\\nDescription: t\\n' $v > /root/p$v/DEBIAN/control
                done
                printf '#!/bin/sh\\necho evil >> /usr/local/sbin/flood/f7\\n' > /root/p2/DEBIAN/postinst
                chmod 755 /root/p2/DEBIAN/postinst
                for v in 1 2; do dpkg-deb -Znone -b /root/p$v /root/flood$v.deb; dpkg -i /root/flood$v.deb; done""");
        JsonNode tampered = awaitFinding("file-changed", "/usr/local/sbin/flood/f7", "open");
        assertThat(tampered.path("evidence").toString()).contains("is not what its package says");
        JsonNode told = awaitFinding("package-changes", "packages", "open");
        assertThat(told.path("evidence").path("packages").asText()).contains("flood");
        // Triggers of packages have 20 seconds after dpkg; what changes later is not of packages.
        inside("sleep 25; echo x > /etc/after-flood");
        awaitFinding("file-changed", "/etc/after-flood", "open");
        assertThat(openFindings("file-changed"))
                .containsExactlyInAnyOrder("/etc/after-flood", "/usr/local/sbin/flood/f7");
        assertThat(findings("many-files-changed", "")).isEmpty();
    }

    @Test
    @Order(5)
    void aChangeThatIsAcceptedIsOver() throws Exception {
        want(NAME, EXTENSION, version, BLOCKING);
        assertThat(healthy(NAME).toString())
                .contains("accepted: /etc/after-flood", "accepted: /usr/local/sbin/flood/f7");
        awaitFinding("file-changed", "/etc/after-flood", "resolved");
        awaitFinding("file-changed", "/usr/local/sbin/flood/f7", "resolved");
        awaitFinding("login-attack", ATTACKER, "resolved");
    }

    @Test
    @Order(6)
    void withBlockingTheAttackerIsShutOut() throws Exception {
        String firewall = inside("nft -s list table inet vmext_firewall");
        attack();
        JsonNode attack = awaitFinding("login-attack", ATTACKER, "open");
        assertThat(attack.path("evidence").path("blocked").asText()).startsWith("until ");
        assertThat(knocks()).isEqualTo("closed");
        assertThat(inside(TABLE)).contains(ATTACKER);
        assertThat(inside("nft -s list table inet vmext_firewall")).isEqualTo(firewall);
        awaitValue("vmext_intrusion_detection_banned_addresses", Map.of("jail", "sshd"), 1);
    }

    @Test
    @Order(7)
    void settingsWithAFaultAreToldAndTheOldOnesStayAtWork() throws Exception {
        Api.Answer refused = api.put(ControlPlane.path("demo", NAME), """
                {"extension": "vmext.IntrusionDetection", "settings": {"integrity": {"paths": ["etc"]}}}""");
        assertThat(refused.status()).isBetween(400, 499);
        assertThat(refused.body().toString()).contains("/integrity/paths/0");
        want(NAME, EXTENSION, version, "{\"attacks\": {\"jails\": [{\"service\": \"nginx-http-auth\"}]}}");
        assertThat(failed(NAME).path("cause").toString()).contains("no log at /var/log/nginx/error.log");
        want(NAME, EXTENSION, version, "{\"integrity\": {\"calendar\": \"Febtember 03:00\"}}");
        assertThat(failed(NAME).path("cause").toString()).contains("settings.integrity.calendar", "systemd");
        assertThat(knocks()).isEqualTo("closed");
        inside("echo z > /etc/while-failed");
        awaitFinding("file-changed", "/etc/while-failed", "open");
        inside("rm /etc/while-failed");
        awaitFinding("file-changed", "/etc/while-failed", "resolved");
    }

    @Test
    @Order(8)
    void aNewerVersionAndTheWayBackKeepBaselineAndBlocks() throws Exception {
        String digest = inside(BASELINE);
        publishAs(EXTENSION, NEWER);
        for (String next : List.of(NEWER, version)) {
            want(NAME, EXTENSION, next, BLOCKING);
            healthy(NAME, next);
            assertThat(inside(BASELINE)).isEqualTo(digest);
            Eventually.until("blocked by " + next, GUEST, IntrusionDetectionStoryIT::knocks, "closed"::equals);
        }
        assertThat(openFindings("file-changed"))
                .as("what vmext itself writes is nobody's attack")
                .isEmpty();
    }

    @Test
    @Order(9)
    void whatWatchesGoesOnAfterARestartOfTheMachine() throws Exception {
        want(
                "metrics",
                "vmext.Metrics",
                built("vmext.Metrics"),
                "{\"machine\": {\"intervalSec\": 5}, \"services\": [\"vmext-*.service\"]}");
        want("health", "vmext.ApplicationHealth", built("vmext.ApplicationHealth"), """
                {"applications": [{"name": "dead", "tcp": {"port": 8997}, "intervalSec": 5, "graceSec": 0, "failuresUntilUnhealthy": 2}]}""");
        awaitFinding("application-unhealthy", "dead", "open");
        healthy("metrics");
        reboot();
        Instant after = Instant.now();
        inside("echo y > /etc/after-restart");
        for (String name : List.of(NAME, "metrics", "health")) {
            healthy(name);
        }
        Eventually.until(
                "the block is back", GUEST, () -> inside(TABLE + " 2>/dev/null || true"), t -> t.contains(ATTACKER));
        for (String metric : List.of("node_load1", "vmext_probe_healthy")) {
            Eventually.until(
                    metric + " comes again",
                    GUEST,
                    () -> newest(metric, Map.of()),
                    found -> found.stream().anyMatch(one -> one.time().isAfter(after)));
        }
        awaitFinding("application-unhealthy", "dead", "open");
        awaitFinding("file-changed", "/etc/after-restart", "open");
        inside("rm /etc/after-restart");
        awaitFinding("file-changed", "/etc/after-restart", "resolved");
        assertThat(openFindings("file-changed"))
                .as("a start of the machine is no attack")
                .isEmpty();
        uninstall("health");
        want("metrics", "vmext.Metrics", built("vmext.Metrics"), "{}");
        healthy("metrics");
    }

    @Test
    @Order(10)
    void leavesNothing() throws Exception {
        inside("rm /etc/after-flood");
        awaitFinding("file-changed", "/etc/after-flood", "open");
        uninstall(NAME);
        awaitFinding("file-changed", "/etc/after-flood", "resolved");
        inside("""
                DEBIAN_FRONTEND=noninteractive apt-get -qq -y purge flood >/dev/null
                rm -rf /root/p1 /root/p2 /root/flood*.deb""");
        assertNothingLeft("file /var/log/azure(/.*)?");
        assertThat(inside("grep 'Removal of ids' /var/log/vmext/agent.log | tail -n 1"))
                .contains("left behind: nothing");
    }
}
