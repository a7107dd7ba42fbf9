package dev.vmext.systemtests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Api;
import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Product;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * vmext.Access on a machine with systemd and sshd: people log in from outside with their keys or are refused, whatever the extension
 * says of it, and in the end the machine has what it had.
 */
@Order(71)
@Tag("long")
class AccessStoryIT extends WatchingStory {
    private static final String NAME = "access";
    private static final String EXTENSION = "vmext.Access";
    private static final String NEWER = newerVersion();
    private static final String QUICK = "\"checkMinutes\": 1";
    private static final String RULES =
            "\"sudoRules\": [{\"users\": [\"carl\"], \"commands\": [\"/usr/bin/systemctl restart story.service\"], \"password\": false}]";
    private static final String BEA =
            "getent passwd bea; getent shadow bea; id -Gn bea; cat /home/bea/.ssh/authorized_keys";

    private final List<String> brought = new ArrayList<>();
    private Outside outside;
    private Path keys = WORK;
    private String version = "";
    private String bea = "";

    @BeforeAll
    void aMachineWithSshAndSomebodyOnIt() throws Exception {
        version = built(EXTENSION);
        keys = WORK.resolve("keys");
        Product.run(WORK, "", 30, Map.of(), List.of("rm", "-rf", keys.toString()));
        Files.createDirectories(keys);
        for (String name : List.of("alice", "carl", "bea", "mallory")) {
            Product.Said made = Product.run(
                    keys,
                    "",
                    30,
                    Map.of(),
                    List.of("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", name));
            assertThat(made.exit()).as(made.all()).isZero();
        }
        outside = new Outside(HOME.resolve("machines").resolve(machineId).resolve("qmp.sock"));
        brought.addAll(inside("""
                dpkg-query -W -f '${Package}\\n' | sort > /root/before
                DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends openssh-server > /root/apt.log 2>&1
                dpkg-query -W -f '${Package}\\n' | sort | comm -13 /root/before -
                rm /root/before /root/apt.log
                useradd -m -c 'Bea, who was here' -s /bin/sh bea
                install -d -m 700 -o bea /home/bea/.ssh
                echo '%s' | install -m 600 -o bea /dev/stdin /home/bea/.ssh/authorized_keys
                printf '[Service]\\nExecStart=/bin/sleep 100000\\n' > /run/systemd/system/story.service
                systemctl daemon-reload""".formatted(publicKey("bea"))).lines().toList());
        assertThat(brought).contains("openssh-server");
        bea = inside(BEA);
        Traces.remember();
        Footprint.before();
    }

    @AfterAll
    void leaveTheMachineAsItWas() throws Exception {
        takeOff(NAME);
        outside.close();
        inside("""
                systemctl stop story story-session 2> /dev/null; systemctl reset-failed story-session 2> /dev/null; rm -f /run/systemd/system/story.service; systemctl daemon-reload
                userdel -r bea 2> /dev/null
                apt-get -q -y purge %s
                rm -rf /root/traces /home/alice""".formatted(String.join(" ", brought)));
    }

    private String publicKey(String name) throws Exception {
        return Files.readString(keys.resolve(name + ".pub")).strip();
    }

    private String account(String name, String more) throws Exception {
        return "{\"name\": \"%s\", \"keys\": [\"%s\"]%s}".formatted(name, publicKey(name), more);
    }

    private String settings(String more, String... accounts) {
        return "{%s%s, \"accounts\": [%s]}".formatted(QUICK, more, String.join(", ", accounts));
    }

    private JsonNode settled(String more, String... accounts) throws Exception {
        want(NAME, EXTENSION, version, settings(more, accounts));
        return healthy(NAME);
    }

    /** Somebody outside logs in with that key and runs something. */
    private Product.Said ssh(String name, String key, String command) throws Exception {
        return Product.run(
                keys,
                "",
                300,
                Map.of(),
                List.of(
                        "ssh",
                        "-F",
                        "/dev/null",
                        "-p",
                        Integer.toString(outside.port(22)),
                        "-i",
                        keys.resolve(key).toString(),
                        "-o",
                        "IdentitiesOnly=yes",
                        "-o",
                        "BatchMode=yes",
                        "-o",
                        "StrictHostKeyChecking=no",
                        "-o",
                        "UserKnownHostsFile=/dev/null",
                        "-o",
                        "LogLevel=INFO",
                        name + "@127.0.0.1",
                        command));
    }

    private String loggedIn(String name, String key, String command) throws Exception {
        Product.Said said = ssh(name, key, command);
        assertThat(said.exit()).as(said.all()).isZero();
        return said.out();
    }

    private void assertRefused(String name, String key) throws Exception {
        Product.Said said = ssh(name, key, "echo in");
        assertThat(said.exit()).as(said.all()).isEqualTo(255);
        assertThat(said.out()).isEmpty();
        assertThat(said.err()).containsAnyOf("Permission denied", "Connection closed");
    }

    @Test
    @Order(1)
    void whoeverIsInTheSettingsGetsInWithTheirKeyAndNobodyElse() throws Exception {
        JsonNode view = settled(
                ", " + RULES,
                account(
                        "alice",
                        ", \"fullName\": \"Alice Adams\", \"groups\": [\"adm\"], \"sudo\": \"all-without-password\""),
                account("carl", ""),
                account("bea", ", \"groups\": [\"adm\"]"));
        assertThat(loggedIn("alice", "alice", "id -un; id -nG; sudo -n id -un; echo precious > file"))
                .isEqualTo("alice\nalice adm\nroot\n");
        assertThat(loggedIn("carl", "carl", "sudo -n /usr/bin/systemctl restart story.service && sudo -n -l"))
                .contains("/usr/bin/systemctl restart story.service");
        assertThat(inside("systemctl is-active story.service")).isEqualTo("active\n");
        assertThat(ssh("carl", "carl", "sudo -n id").exit()).isNotZero();
        assertThat(loggedIn("bea", "bea", "id -nG")).contains("adm");
        assertRefused("alice", "mallory");
        assertThat(view.toString()).contains("alice: made, uid ", "bea: adopted");
        assertThat(Footprint.of(NAME, "vmext-access").processes())
                .as("nothing of it stays in memory")
                .isZero();
    }

    @Test
    @Order(2)
    void settingsThatTheMachineRefusesChangeNothing() throws Exception {
        String look =
                "getent passwd; getent group; cat /etc/sudoers.d/vmext-access /etc/vmext-access/keys/* /etc/ssh/sshd_config.d/00-vmext-access.conf";
        String before = inside(look);
        want(
                NAME,
                EXTENSION,
                version,
                settings(
                        ", \"sudoers\": \"alice ALL=(ALL) NOPASWD: ALL\\nalice ALL=(ALL NOPASWD\\n\"",
                        account("alice", ", \"groups\": [\"nobodys\"]")));
        assertThat(failed(NAME).path("cause").toString())
                .contains("there is no group nobodys", "visudo refuses them", "Nothing was changed");
        assertThat(api.put(
                                ControlPlane.path("demo", NAME),
                                Api.JSON
                                        .createObjectNode()
                                        .put("extension", EXTENSION)
                                        .set(
                                                "settings",
                                                Api.JSON.readTree("{\"accounts\": [{\"name\": \"Not A Name\"}]}"))
                                        .toString())
                        .status())
                .isBetween(400, 499);
        assertThat(inside(look)).isEqualTo(before);
        assertThat(loggedIn("alice", "alice", "sudo -n id -un")).isEqualTo("root\n");
    }

    @Test
    @Order(3)
    void anAccountThatExpiredDoesNotWorkAndOneThatIsExtendedDoes() throws Exception {
        String today = inside("date -u +%F").strip();
        settled(
                "",
                account("alice", ", \"groups\": [\"adm\"]"),
                account("carl", ", \"expires\": \"" + today + "\""),
                account("bea", ""));
        assertRefused("carl", "carl");
        awaitFinding("account-expired", "carl", "open");
        assertThat(ssh("alice", "alice", "sudo -n id").exit())
                .as("her rule is gone")
                .isNotZero();
        settled(
                "",
                account("alice", ", \"groups\": [\"adm\"]"),
                account("carl", ", \"expires\": \"2099-01-31\""),
                account("bea", ""));
        assertThat(loggedIn("carl", "carl", "id -un")).isEqualTo("carl\n");
        awaitFinding("account-expired", "carl", "resolved");
    }

    @Test
    @Order(4)
    void whatSomebodyElseChangesIsChangedBackByItself() throws Exception {
        inside("gpasswd -a carl sudo; echo '" + publicKey("mallory") + "' >> /etc/vmext-access/keys/alice");
        Eventually.until(
                "the timer has come by",
                GUEST,
                () -> inside("id -nG carl; grep -c . /etc/vmext-access/keys/alice"),
                said -> said.equals("carl\n1\n"));
        assertRefused("alice", "mallory");
        assertThat(loggedIn("alice", "alice", "id -un")).isEqualTo("alice\n");
        assertThat(awaitFinding("access-drift", "account carl", "resolved")
                        .path("evidence")
                        .toString())
                .contains("it is in the group sudo");
        awaitFinding("access-drift", "keys of alice", "resolved");
    }

    @Test
    @Order(5)
    void versionsUpAndDownTouchNobody() throws Exception {
        String look =
                "getent passwd alice carl bea; getent shadow alice carl bea; stat -c '%n %i' /etc/vmext-access/keys/*";
        String before = inside(look);
        publishAs(EXTENSION, NEWER);
        for (String next : List.of(NEWER, version)) {
            want(
                    NAME,
                    EXTENSION,
                    next,
                    settings(
                            "",
                            account("alice", ", \"groups\": [\"adm\"]"),
                            account("carl", ", \"expires\": \"2099-01-31\""),
                            account("bea", "")));
            healthy(NAME, next);
            assertThat(inside(look)).isEqualTo(before);
            assertThat(loggedIn("alice", "alice", "cat file")).isEqualTo("precious\n");
        }
    }

    @Test
    @Order(6)
    void whoeverIsTakenOffIsPutOutAndTheirHomeIsKeptForRoot() throws Exception {
        inside("systemd-run --quiet --uid=alice --unit=story-session sleep 100000");
        settled("", account("carl", ""), account("bea", ""));
        assertRefused("alice", "alice");
        assertThat(
                        inside(
                                "systemctl is-active story-session || true; id alice 2>&1 || true; stat -c '%U %a' /home/alice; cat /home/alice/file"))
                .contains("no such user", "root 700", "precious")
                .doesNotContain("active\nuid");
        assertThat(loggedIn("carl", "carl", "id -un")).isEqualTo("carl\n");
    }

    @Test
    @Order(7)
    void takesBackExactlyWhatItAdded() throws Exception {
        uninstall(NAME);
        assertRefused("carl", "carl");
        assertThat(loggedIn("bea", "bea", "id -nG")).as("by her own key").isEqualTo("bea\n");
        assertThat(inside(BEA)).isEqualTo(bea);
        inside("systemctl reset-failed story-session 2> /dev/null || true");
        assertThat(Traces.left("/home/alice(/.*)?"))
                .as("but a home in which something was left")
                .isEmpty();
        assertThat(Traces.gone()).isEmpty();
        assertThat(
                        inside(
                                "dpkg-query -W -f '${db:Status-Abbrev}' sudo 2> /dev/null || true; sshd -T | grep -i authorizedkeysfile"))
                .as("sudo came with it, and went with it")
                .doesNotContain("ii", "vmext");
        assertThat(inside("grep 'Removal of access' /var/log/vmext/agent.log | tail -n 1"))
                .contains("left behind: nothing");
    }
}
