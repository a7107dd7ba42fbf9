package dev.vmext.systemtests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Api;
import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Product;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * vmext.Updates with the machine's own apt and systemd, and repositories on the host that bring newer versions of small packages: what
 * is missing is told, a maintenance window installs what was chosen and nothing else, and the machine restarts when it must. What is
 * installed is asked of dpkg.
 */
@Order(70)
@Tag("long")
class UpdatesStoryIT extends WatchingStory {
    private static final String NAME = "updates";
    private static final String EXTENSION = "vmext.Updates";
    private static final String NEWER = newerVersion();
    /** A window opens by the clock of the machine; what is due to one is not waited for longer than this. */
    private static final String QUICK =
            "\"jitterMinutes\": 0, \"marginMinutes\": 0, \"assessment\": {\"calendar\": \"*-*-* 04:00:00\", \"jitterMinutes\": 0}, \"graceDays\": {\"other\": 7}";

    private static final String NO_WINDOW = "\"windows\": []";

    /** package NAME VERSION makes one in $made; publish SUITE DEB... offers it and writes the indexes that apt wants. */
    private static final String TOOLS = """
            set -eu
            cd "$1"
            package() {
                folder=made/$1-$2
                mkdir -p "$folder/DEBIAN" "$folder/usr/share/$1"
                echo "$2" > "$folder/usr/share/$1/version"
                printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: test <test@localhost>\\nDescription: test\\n' "$1" "$2" > "$folder/DEBIAN/control"
                chmod -R u=rwX,go=rX "$folder"
                dpkg-deb --root-owner-group -Znone -b "$folder" "made/$1_$2.deb" > /dev/null
            }
            publish() {
                suite=$1
                shift
                mkdir -p stable stable-security
                for deb in "$@"; do
                    cp "made/$deb.deb" "$suite/"
                    { dpkg-deb --field "made/$deb.deb"; printf 'Filename: %s/%s.deb\\nSize: %s\\nSHA256: %s\\n\\n' "$suite" "$deb" "$(stat -c %s "made/$deb.deb")" "$(sha256sum "made/$deb.deb" | cut -d ' ' -f 1)"; } >> "$suite/Packages"
                done
                for one in stable stable-security; do
                    touch "$one/Packages"
                    if [ $one = stable ]; then label=Debian; else label=Debian-Security; fi
                    printf 'Origin: Debian\\nLabel: %s\\nSuite: %s\\nVersion: 12\\nCodename: %s\\nArchitectures: amd64\\nDate: %s\\nSHA256:\\n %s %s Packages\\n' $label $one $one "$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S UTC')" \\
                        "$(sha256sum $one/Packages | cut -d ' ' -f 1)" "$(stat -c %s $one/Packages)" > $one/Release
                done
            }
            """;

    private Path repository = WORK;
    private String version = "";

    private String host(String script) throws Exception {
        Product.Said said =
                Product.run(WORK, "", 60, Map.of(), List.of("sh", "-c", TOOLS + script, "sh", repository.toString()));
        assertThat(said.exit()).as(said.all()).isZero();
        return said.out();
    }

    @BeforeAll
    void oldVersionsAreInstalled() throws Exception {
        version = built(EXTENSION);
        repository = WORK.resolve("updates");
        Product.run(WORK, "", 30, Map.of(), List.of("rm", "-rf", repository.toString()));
        Files.createDirectories(repository);
        files().serve("updates", repository);
        host("for name in vm-alpha vm-beta vm-gamma vm-held; do package $name 1.0; package $name 2.0; done\n"
                + "publish stable vm-alpha_1.0 vm-beta_1.0 vm-gamma_1.0 vm-held_1.0");
        // Only these: what the image lacks of its distribution's updates is not this story's.
        inside("""
                cp /etc/apt/sources.list /root/sources.list
                for suite in stable stable-security; do echo "deb [trusted=yes] %s $suite/"; done > /etc/apt/sources.list
                apt-get -q update
                apt-get -q -y install vm-alpha=1.0 vm-beta=1.0 vm-gamma=1.0 vm-held=1.0
                apt-mark hold vm-held""".formatted(files().address("updates")));
        host("publish stable-security vm-alpha_2.0; publish stable vm-beta_2.0 vm-gamma_2.0 vm-held_2.0");
        Traces.remember();
        Footprint.before();
    }

    @AfterAll
    void leaveTheMachineAsItWas() throws Exception {
        takeOff(NAME);
        inside("""
                apt-mark unhold vm-held
                apt-get -q -y purge vm-alpha vm-beta vm-gamma vm-held
                mv /root/sources.list /etc/apt/sources.list
                apt-get -q update
                rm -rf /root/traces /root/hook""");
    }

    private JsonNode settled(String settings) throws Exception {
        want(NAME, EXTENSION, version, "{" + QUICK + ", " + settings + "}");
        return healthy(NAME);
    }

    private static String versions() throws Exception {
        return inside("dpkg-query -W -f '${Package} ${Version}\\n' vm-alpha vm-beta vm-gamma vm-held");
    }

    private static String part(JsonNode view, String name) {
        for (JsonNode part : view.path("status").path("substatus")) {
            if (part.path("name").asText().equals(name)) {
                return part.path("status").asText() + ": "
                        + part.path("message").asText();
            }
        }
        return "";
    }

    private JsonNode fleetLine() throws Exception {
        Product.Said said = vmext("updates", "-o", "json");
        assertThat(said.exit()).as(said.all()).isZero();
        return Api.JSON.readTree(said.out()).path("items").path(0);
    }

    @Test
    @Order(1)
    void whatIsMissingIsToldAndNothingIsInstalled() throws Exception {
        JsonNode view = settled(NO_WINDOW + ", \"exclude\": [\"vm-gam*\"]");
        assertThat(part(view, "assessment"))
                .startsWith("warning: 1 security and 1 other updates missing, 1 of them overdue");
        assertThat(part(view, "missing"))
                .contains("security vm-alpha 1.0 2.0 ", "other vm-beta 1.0 2.0 ", "other vm-gamma 1.0 2.0 ")
                .containsPattern("vm-gamma .* excluded");
        JsonNode finding = awaitFinding("updates-missing", "security", "open");
        assertThat(finding.path("severity").asText()).isEqualTo("high");
        assertThat(finding.path("evidence").toString()).contains("vm-alpha=2.0");
        assertThat(findings("updates-missing", "other"))
                .as("within its days of grace")
                .isEmpty();
        JsonNode line = Eventually.until(
                "the fleet's table knows it",
                GUEST,
                this::fleetLine,
                seen -> seen.path("compliance").asText().equals("overdue"));
        assertThat(line.path("security").asInt()).isOne();
        assertThat(line.path("other").asInt()).isOne();
        assertThat(vmext("updates", "demo").out())
                .contains("vm-alpha", "vm-gamma", "excluded", "updates are only assessed")
                .contains("held on the machine, so neither counted nor installed: vm-held");
        assertThat(versions()).isEqualTo("vm-alpha 1.0\nvm-beta 1.0\nvm-gamma 1.0\nvm-held 1.0\n");
        assertThat(Footprint.of(NAME, "vmext-updates").processes())
                .as("nothing of it stays in memory")
                .isZero();
    }

    @Test
    @Order(2)
    void aWindowInstallsWhatWasChosenAndNothingElse() throws Exception {
        // Far enough away that the timer is set by then on a slow machine too.
        String[] start = inside(
                        "t=$(($(date +%s) / 60 * 60 + 240)); date -u -d @$t +%H:%M; echo $t; mkdir -p /root/hook")
                .split("\n", -1);
        settled("""
                "windows": [{"name": "soon", "start": "%s", "minutes": 30}], "exclude": ["vm-gam*"], "restartPackages": ["vm-alpha"],
                "hooks": {"before": "dpkg-query -W -f '${Version}' vm-alpha > /root/hook/before", "after": "echo $VMEXT_UPDATES_INSTALLED > /root/hook/after"}""".formatted(start[0]));
        assertThat(vmext("updates", "demo").out()).contains("soon: ", start[0] + " UTC, 30 minutes");
        JsonNode view = Eventually.until(
                "the window came and went",
                GUEST,
                () -> installation(NAME),
                seen -> part(seen, "last-install").contains("(soon): 1 installed, 0 failed, 0 left"));
        assertThat(versions()).isEqualTo("vm-alpha 2.0\nvm-beta 1.0\nvm-gamma 1.0\nvm-held 1.0\n");
        assertThat(inside("cat /usr/share/vm-alpha/version /root/hook/before /root/hook/after"))
                .isEqualTo("2.0\n1.0vm-alpha=2.0\n");
        assertThat(Long.parseLong(inside("sed -n 's/^begun //p' /var/lib/vmext-updates/install")
                        .strip()))
                .as("not before its time")
                .isGreaterThanOrEqualTo(Long.parseLong(start[1]));
        awaitFinding("updates-missing", "security", "resolved");
        assertThat(awaitFinding("reboot-needed", "machine", "open")
                        .path("evidence")
                        .toString())
                .contains("vm-alpha was updated since the machine started");
        assertThat(part(view, "assessment")).startsWith("success");
        JsonNode line = Eventually.until(
                "the machine complies",
                GUEST,
                this::fleetLine,
                seen -> seen.path("compliance").asText().equals("compliant"));
        assertThat(line.path("restartNeeded").asBoolean()).isTrue();
    }

    @Test
    @Order(3)
    void settingsWithAFaultAreToldAndTheOldOnesStayAtWork() throws Exception {
        String look = "cat /etc/systemd/system/vmext-updates-*.timer /etc/vmext-updates/exclude;"
                + " systemctl is-active vmext-updates-window-soon.timer vmext-updates-assess.timer";
        String before = inside(look);
        want(
                NAME,
                EXTENSION,
                version,
                "{\"assessment\": {\"calendar\": \"Febtember 03:00\"}, \"exclude\": [\"vm-*\"]}");
        assertThat(failed(NAME).path("cause").toString()).contains("assessment.calendar", "Febtember");
        want(NAME, EXTENSION, version, "{\"timeZone\": \"Europe/Atlantis\"}");
        assertThat(failed(NAME).path("cause").toString()).contains("Europe/Atlantis");
        assertThat(inside(look)).isEqualTo(before);
        assertThat(api.put(
                                ControlPlane.path("demo", NAME),
                                "{\"extension\": \"vmext.Updates\", \"settings\": {\"windows\": [{\"name\": \"a\", \"start\": \"25:00\"}]}}")
                        .status())
                .isBetween(400, 499);
    }

    @Test
    @Order(4)
    void aHookThatFailsAndARepositoryThatIsGoneAreFindingsUntilTheyAreMended() throws Exception {
        want(NAME, EXTENSION, version, """
                {%s, %s, "classifications": ["security", "other"], "exclude": ["vm-gam*"], "installNow": {"id": "one"},
                 "hooks": {"before": "echo the queue is not empty; exit 3"}}""".formatted(QUICK, NO_WINDOW));
        JsonNode view = Eventually.until(
                "the installation that was asked for failed",
                GUEST,
                () -> installation(NAME),
                seen -> seen.path("status").path("message").asText().contains("cannot install for one"));
        assertThat(view.path("status").path("message").asText()).contains("the queue is not empty");
        assertThat(awaitFinding("update-failed", "install", "open")
                        .path("evidence")
                        .toString())
                .contains("the queue is not empty");
        assertThat(versions()).contains("vm-beta 1.0");

        files().serve("updates", WORK.resolve("nothing"));
        inside("! systemctl start vmext-updates-assess.service");
        awaitFinding("update-failed", "assess", "open");
        assertThat(part(installation(NAME), "missing"))
                .as("what was known stays")
                .contains("vm-beta 1.0 2.0");
        files().serve("updates", repository);
        inside("systemctl start vmext-updates-assess.service");
        awaitFinding("update-failed", "assess", "resolved");
    }

    @Test
    @Order(5)
    void whatIsAskedForIsInstalledAtOnceAndTheMachineRestarts() throws Exception {
        String before = inside("cat /proc/sys/kernel/random/boot_id");
        String settings = NO_WINDOW
                + ", \"classifications\": [\"security\", \"other\"], \"exclude\": [\"vm-gam*\"], \"installNow\": {\"id\": \"two\"},"
                + " \"reboot\": \"if-needed\", \"restartPackages\": [\"vm-beta\"]";
        want(NAME, EXTENSION, version, "{" + QUICK + ", " + settings + "}");
        Eventually.until(
                "the machine has booted again",
                GUEST,
                () -> {
                    Product.Said said = Product.vmext(
                            HOME,
                            "cat /proc/sys/kernel/random/boot_id",
                            "run",
                            "demo",
                            "--timeout",
                            "1m",
                            "--script",
                            "-");
                    return said.exit() == 0 ? said.out() : "";
                },
                after -> !after.isEmpty() && !after.equals(before));
        assertThat(versions()).isEqualTo("vm-alpha 2.0\nvm-beta 2.0\nvm-gamma 1.0\nvm-held 1.0\n");
        awaitFinding("update-failed", "install", "resolved");
        healthy(NAME);
        awaitFinding("reboot-needed", "machine", "resolved");
        assertThat(part(installation(NAME), "last-install")).contains("(now): 1 installed, 0 failed, 0 left");
        Eventually.until(
                "no restart is needed any more",
                GUEST,
                this::fleetLine,
                seen -> !seen.path("restartNeeded").asBoolean(true));
    }

    @Test
    @Order(6)
    void versionsUpAndDownForgetNothing() throws Exception {
        String look = "cat /var/lib/vmext-updates/missing /var/lib/vmext-updates/totals";
        String before = inside(look);
        assertThat(before).contains("vm-gamma", "installed 2");
        publishAs(EXTENSION, NEWER);
        for (String next : List.of(NEWER, version)) {
            want(
                    NAME,
                    EXTENSION,
                    next,
                    "{" + QUICK
                            + ", \"windows\": [{\"name\": \"night\", \"start\": \"02:00\"}], \"exclude\": [\"vm-gam*\"]}");
            healthy(NAME, next);
            assertThat(inside(look))
                    .as("since when it is missing, and what was done")
                    .isEqualTo(before);
            assertThat(inside("systemctl is-active vmext-updates-window-night.timer vmext-updates-metrics.socket"))
                    .isEqualTo("active\nactive\n");
        }
    }

    @Test
    @Order(7)
    void leavesNothingButTheUpdates() throws Exception {
        uninstall(NAME);
        inside("rm -rf /root/hook");
        assertThat(Traces.left()).isEmpty();
        assertThat(Traces.gone()).isEmpty();
        assertThat(versions()).isEqualTo("vm-alpha 2.0\nvm-beta 2.0\nvm-gamma 1.0\nvm-held 1.0\n");
        assertThat(inside("grep 'Removal of updates' /var/log/vmext/agent.log | tail -n 1"))
                .contains("left behind: nothing");
    }
}
