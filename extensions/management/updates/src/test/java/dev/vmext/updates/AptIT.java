package dev.vmext.updates;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The programs as their units run them, with real apt, two versions of small packages, and repositories as Debian has them. */
final class AptIT {
    private AptMachine machine;

    @BeforeEach
    void aMachineWithOldPackages() throws Exception {
        machine = new AptMachine(Files.createTempDirectory("vmext-updates"));
        machine.sh("""
                for name in vm-alpha vm-beta vm-gamma; do package $name 1.0; package $name 2.0; done
                publish stable vm-alpha_1.0 vm-beta_1.0 vm-gamma_1.0
                apt-get -q update && apt-get -q -y install vm-alpha vm-beta vm-gamma
                publish stable-security vm-alpha_2.0
                publish stable vm-beta_2.0 vm-gamma_2.0
                """);
    }

    @AfterEach
    void gone() throws Exception {
        machine.close();
    }

    private static String part(String status, String name) {
        Matcher found = Pattern.compile(
                        "\"name\":\"" + name
                                + "\",\"status\":\"([a-z]+)\",\"code\":0,\"formattedMessage\":\\{\"lang\":\"en-US\",\"message\":\"([^\"]*)\"")
                .matcher(status);
        assertThat(found.find()).as(name + " in " + status).isTrue();
        return found.group(1) + ": " + found.group(2);
    }

    @Test
    void tellsWhichSecurityUpdatesAndWhichOthersAreMissing() throws Exception {
        machine.configure("{\"graceDays\": {\"other\": 7}, \"exclude\": [\"vm-gam*\"]}");
        AptMachine.Said said = machine.program("assess");
        assertThat(said.exit()).as(said.out()).isZero();
        assertThat(part(machine.status(), "assessment"))
                .startsWith("warning: 1 security and 1 other updates missing, 1 of them overdue");
        assertThat(part(machine.status(), "missing"))
                .contains(
                        "security vm-alpha 1.0 2.0 ",
                        "other vm-beta 1.0 2.0 ",
                        " class",
                        "other vm-gamma 1.0 2.0 ",
                        " excluded");
        assertThat(machine.told())
                .contains(
                        "\"type\":\"updates-missing\",\"subject\":\"security\",\"state\":\"open\",\"severity\":\"high\"",
                        "vm-alpha=2.0")
                .doesNotContain("\"subject\":\"other\"");
        // Told once: nothing is new.
        machine.program("assess");
        assertThat(machine.told()).isEmpty();
        assertThat(machine.version("vm-alpha")).isEqualTo("1.0");
    }

    @Test
    void installsTheChosenClassAndNothingElseWithHooksAround() throws Exception {
        machine.configure("""
                {"hooks": {"before": "dpkg-query -W -f '${Version}' vm-alpha > /before", "after": "echo $VMEXT_UPDATES_INSTALLED > /after; umask > /mask"},
                 "installNow": {"id": "one"}}""");
        machine.sh("printf 'id one\\nstate begun\\n' > /var/lib/vmext-updates/now");
        machine.program("assess");
        AptMachine.Said said = machine.program("install now");
        assertThat(said.exit()).as(said.out()).isZero();
        assertThat(machine.version("vm-alpha")).isEqualTo("2.0");
        assertThat(machine.sh("cat /usr/share/vm-alpha/version")).isEqualTo("2.0\n");
        assertThat(machine.version("vm-beta")).isEqualTo("1.0");
        assertThat(machine.sh("cat /before /after /mask")).isEqualTo("1.0vm-alpha=2.0\n0022\n");
        assertThat(part(machine.status(), "last-install"))
                .startsWith("success: done at ")
                .contains("(now): 1 installed, 0 failed, 0 left");
        assertThat(machine.status()).contains("\"status\":\"success\",\"code\":0,\"formattedMessage\"");
        assertThat(machine.sh("cat /var/lib/vmext-updates/now")).isEqualTo("id one\nstate done\n");
        assertThat(machine.told()).contains("\"subject\":\"security\",\"state\":\"resolved\"");
        String metrics =
                machine.sh("printf 'GET /metrics HTTP/1.1\\r\\n\\r\\n' | sh /var/lib/vmext-updates/bin/metrics");
        assertThat(metrics)
                .contains("vmext_updates_missing{class=\"security\"} 0\n", "vmext_updates_missing{class=\"other\"} 2\n")
                .contains(
                        "vmext_updates_overdue{class=\"other\"} 0\n",
                        "vmext_updates_compliant 1\n",
                        "vmext_updates_installed_total 1\n")
                .contains("vmext_updates_last_install_success 1\n");
    }

    @Test
    void whatIsHeldOnTheMachineIsNamedAndLeftAsItIs() throws Exception {
        machine.configure("{\"classifications\": [\"security\", \"other\"]}");
        machine.sh("apt-mark hold vm-alpha");
        assertThat(machine.program("assess").exit()).isZero();
        assertThat(part(machine.status(), "assessment"))
                .contains("0 security and 2 other updates missing")
                .contains("held on the machine, so neither counted nor installed: vm-alpha")
                .doesNotContain("others would have to be removed");
        assertThat(machine.program("install now").exit()).isZero();
        assertThat(machine.version("vm-alpha") + " " + machine.version("vm-beta"))
                .isEqualTo("1.0 2.0");
    }

    @Test
    void aHookThatFailsBeforeKeepsEverythingAsItWas() throws Exception {
        machine.configure("{\"hooks\": {\"before\": \"echo the queue is not empty; exit 3\"}}");
        AptMachine.Said said = machine.program("install now");
        assertThat(said.exit()).isOne();
        assertThat(machine.version("vm-alpha")).isEqualTo("1.0");
        assertThat(machine.told())
                .contains("\"type\":\"update-failed\",\"subject\":\"install\"", "the queue is not empty");
        machine.configure("{}");
        assertThat(machine.program("install now").exit()).isZero();
        assertThat(machine.version("vm-alpha")).isEqualTo("2.0");
        assertThat(machine.told())
                .contains("\"type\":\"update-failed\",\"subject\":\"install\",\"state\":\"resolved\"");
    }

    @Test
    void onePackageThatCannotBeInstalledKeepsNoOtherOut() throws Exception {
        machine.sh("""
                mkdir -p /scripts
                printf '#!/bin/sh\\necho it is broken >&2\\nexit 1\\n' > /scripts/vm-beta-3.0
                package vm-beta 3.0
                publish stable-security vm-beta_3.0
                """);
        machine.configure("{\"classifications\": [\"security\", \"other\"]}");
        AptMachine.Said said = machine.program("install now");
        assertThat(said.exit()).as(said.out()).isOne();
        assertThat(machine.version("vm-alpha")).isEqualTo("2.0");
        assertThat(machine.version("vm-gamma")).isEqualTo("2.0");
        assertThat(machine.told())
                .contains("\"type\":\"update-failed\",\"subject\":\"install\",\"state\":\"open\"", "vm-beta=3.0");
        // Once there is one that works, it goes on by itself.
        machine.sh("package vm-beta 4.0; publish stable-security vm-beta_4.0");
        assertThat(machine.program("install now").exit()).isZero();
        assertThat(machine.version("vm-beta")).isEqualTo("4.0");
        assertThat(machine.sh("dpkg -l vm-beta")).contains("ii  vm-beta");
    }

    @Test
    void nothingIsDoneOutsideOfAWindowAndNothingIsBegunAtItsEnd() throws Exception {
        // Far from now in either direction.
        String other = machine.sh("date -u -d '+12 hours' +%H:%M").strip();
        String window =
                "{\"windows\": [{\"name\": \"night\", \"start\": \"%s\", \"minutes\": %d}], \"jitterMinutes\": 0, \"marginMinutes\": %d, \"timeZone\": \"%s\"}";
        machine.configure(window.formatted(other, 60, 5, "UTC"));
        assertThat(machine.program("install night").out()).contains("it is no time of the window night");
        assertThat(machine.version("vm-alpha")).isEqualTo("1.0");

        // It began one hour ago and has two more, of which the margin takes all.
        String begun = machine.sh("TZ=Asia/Tokyo date -d '-1 hour' +%H:%M").strip();
        machine.configure(window.formatted(begun, 180, 170, "Asia/Tokyo"));
        AptMachine.Said said = machine.program("install night");
        assertThat(said.exit()).as(said.out()).isZero();
        assertThat(said.out()).contains("partial: 0 installed, 0 failed, 1 left");
        assertThat(machine.version("vm-alpha")).isEqualTo("1.0");

        machine.configure(window.formatted(begun, 180, 5, "Asia/Tokyo"));
        assertThat(machine.program("install night").out()).contains("done: 1 installed");
        assertThat(machine.version("vm-alpha")).isEqualTo("2.0");
    }

    @Test
    void aSecurityUpdateHiddenByANewerVersionIsOneAllTheSame() throws Exception {
        machine.sh("package vm-gamma 1.5; publish stable-security vm-gamma_1.5");
        machine.configure("{}");
        machine.program("assess");
        assertThat(part(machine.status(), "missing")).contains("security vm-gamma 1.0 2.0 ");
    }

    @Test
    void neverRemovesAPackageForAnUpdate() throws Exception {
        machine.sh("""
                package vm-delta 1.0
                publish stable vm-delta_1.0
                apt-get -q update && apt-get -q -y install vm-delta
                package vm-alpha 3.0 'Conflicts: vm-delta'
                publish stable-security vm-alpha_3.0
                """);
        machine.configure("{\"classifications\": [\"security\", \"other\"]}");
        AptMachine.Said said = machine.program("install now");
        assertThat(said.exit()).as(said.out()).isZero();
        assertThat(machine.version("vm-delta")).isEqualTo("1.0");
        assertThat(machine.version("vm-beta")).isEqualTo("2.0");
        assertThat(machine.version("vm-alpha")).isEqualTo("1.0");
        assertThat(part(machine.status(), "assessment"))
                .contains("kept back, because others would have to be removed: 1");
    }

    @Test
    void aRepositoryThatCannotBeReadIsAFindingUntilItCan() throws Exception {
        machine.configure("{}");
        machine.sh("mv /repo/stable /repo/away");
        AptMachine.Said said = machine.program("assess");
        assertThat(said.exit()).isOne();
        assertThat(part(machine.status(), "assessment"))
                .startsWith("warning: cannot tell what is missing: cannot fetch the lists of packages: ");
        assertThat(machine.told()).contains("\"type\":\"update-failed\",\"subject\":\"assess\",\"state\":\"open\"");
        machine.sh("mv /repo/away /repo/stable");
        assertThat(machine.program("assess").exit()).isZero();
        assertThat(machine.told()).contains("\"type\":\"update-failed\",\"subject\":\"assess\",\"state\":\"resolved\"");
    }

    @Test
    void asksForARestartOnlyWhenSettingsSaySoAndAPackageNeedsIt() throws Exception {
        machine.configure("{\"restartPackages\": [\"vm-al*\"]}");
        machine.program("assess");
        assertThat(machine.told()).doesNotContain("reboot-needed");
        machine.program("install now");
        assertThat(machine.told())
                .contains(
                        "\"type\":\"reboot-needed\",\"subject\":\"machine\",\"state\":\"open\"",
                        "vm-alpha was updated since the machine started");
        assertThat(machine.sh("ls /config")).isEmpty();
        assertThat(part(machine.status(), "restart")).startsWith("warning: vm-alpha was updated");

        machine.configure("{\"restartPackages\": [\"vm-al*\"], \"reboot\": \"if-needed\"}");
        machine.program("install now");
        assertThat(machine.sh("cat /config/reboot-required"))
                .isEqualTo("updates: vm-alpha was updated since the machine started\n");
        // As after a restart: what was replaced before it needs none any more.
        machine.sh("sed -i 's/^[0-9-]* /2001-01-01 /' /var/log/dpkg.log");
        machine.program("assess");
        assertThat(machine.told())
                .contains("\"type\":\"reboot-needed\",\"subject\":\"machine\",\"state\":\"resolved\"");
    }
}
