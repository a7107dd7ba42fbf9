package dev.vmext.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.extensionkit.machine.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built package with real useradd, visudo and sshd: people log in over the network, or are refused. */
final class AccessIT {
    @TempDir
    private Path folder;

    private MachineWithSsh machine;

    @BeforeEach
    void start() throws Exception {
        machine = new MachineWithSsh(folder);
    }

    @AfterEach
    void end() {
        machine.close();
    }

    private String account(String name, String more) throws IOException {
        return "{\"name\":\"%s\",\"keys\":[\"%s\"]%s}".formatted(name, machine.publicKey(name), more);
    }

    private String accounts(String... list) {
        return "{\"accounts\":[" + String.join(",", list) + "]";
    }

    @Test
    void aLoginWorksAndThenIsRefusedAndNothingIsLeft() throws Exception {
        String before = machine.everything();
        machine.apply(
                1,
                accounts(account(
                                "alice",
                                ",\"fullName\":\"Alice Adams\",\"groups\":[\"adm\"],\"sudo\":\"all-without-password\""))
                        + "}");
        assertThat(machine.ssh("alice", "alice", "id -un; id -nG; sudo -n id -un"))
                .isEqualTo(new Programs.Result(0, "alice\nalice adm\nroot\n"));
        assertThat(machine.ssh("alice", "other", "true").ok()).isFalse();
        assertThat(machine.root.ok("stat -c '%U %a' /home/alice")).isEqualTo("alice 700");
        assertThat(machine.status(1)).contains("alice: made, uid ", "groups adm, 1 keys");

        // Locked: no login, no session, no rule; unlocked again it is the same account.
        String uid = machine.root.ok("id -u alice");
        Process session = machine.root
                .builder(java.util.List.of("setpriv", "--reuid=" + uid, "--clear-groups", "sleep", "600"))
                .start();
        machine.apply(2, accounts(account("alice", ",\"enabled\":false,\"sudo\":\"all\"")) + "}");
        assertThat(session.waitFor()).isNotZero();
        assertThat(machine.ssh("alice", "alice", "true").ok()).isFalse();
        assertThat(machine.root.sh("test -e /etc/sudoers.d/vmext-access").ok()).isFalse();
        machine.apply(3, accounts(account("alice", "")) + "}");
        assertThat(machine.ssh("alice", "alice", "id -u; sudo -n true").output())
                .startsWith(uid + "\n")
                .contains("password");

        machine.apply(4, "{}");
        assertThat(machine.ssh("alice", "alice", "true").ok()).isFalse();
        assertThat(machine.root.sh("id alice; test -e /home/alice").ok()).isFalse();
        assertThat(machine.run(4, "disable").ok()).isTrue();
        assertThat(machine.runPackaged(4, "uninstall")).isEqualTo(new Programs.Result(0, ""));
        assertThat(machine.run(4, "uninstall").ok()).isTrue();
        assertThat(machine.everything()).isEqualTo(before);
    }

    @Test
    void anAccountThatWasThereGetsBackWhatItHad() throws Exception {
        machine.root.ok("printf 'bea:her own password\\n' | chpasswd; chage -E 40000 bea; gpasswd -a bea games");
        machine.root.ok("install -d -m 700 -o bea /home/bea/.ssh; install -m 600 -o bea /root/keys/other.pub"
                + " /home/bea/.ssh/authorized_keys");
        String before = machine.everything();
        machine.settings(
                1,
                accounts(
                                account(
                                        "bea",
                                        ",\"groups\":[\"adm\",\"games\"],\"expires\":\"2099-01-31\",\"shell\":\"/bin/bash\",\"sudo\":\"all\""))
                        + "}",
                "{\"passwords\":{\"bea\":{\"value\":\"another password\"}}}");
        assertThat(machine.run(1, "enable")).isEqualTo(new Programs.Result(0, ""));
        assertThat(machine.ssh("bea", "bea", "id -nG").output()).contains("adm", "games");
        assertThat(machine.ssh("bea", "other", "true").ok())
                .as("the keys of her own still count")
                .isTrue();
        assertThat(machine.sshWithPassword("bea", "another password", "echo in").output())
                .isEqualTo("in\n");
        assertThat(machine.root.ok("getent passwd bea")).endsWith(":/bin/sh").contains("Bea, who was here");
        assertThat(machine.status(1)).contains("bea: adopted").doesNotContain("another password");

        assertThat(machine.run(1, "uninstall").ok()).isTrue();
        assertThat(machine.sshWithPassword("bea", "her own password", "echo in").output())
                .isEqualTo("in\n");
        assertThat(machine.sshWithPassword("bea", "another password", "echo in").output())
                .doesNotContain("in\n");
        assertThat(machine.everything()).isEqualTo(before);
    }

    @Test
    void aPasswordIsSetOnceAndAgainOnlyWhenItOrItsWordChanges() throws Exception {
        String hash = machine.root.ok("printf 'a hashed secret' | openssl passwd -6 -stdin");
        String secret = "{\"passwords\":{\"alice\":{\"value\":\"first secret\"}}}";
        machine.settings(1, accounts(account("alice", "")) + "}", secret);
        machine.run(1, "enable");
        assertThat(machine.sshWithPassword("alice", "first secret", "echo in").output())
                .isEqualTo("in\n");
        machine.root.ok("printf 'alice:her own choice\\n' | chpasswd");
        machine.run(1, "enable");
        machine.tick();
        assertThat(machine.sshWithPassword("alice", "her own choice", "echo in").output())
                .isEqualTo("in\n");
        assertThat(machine.status(1)).contains("password changed by its owner since");
        assertThat(machine.told()).isEmpty();

        machine.settings(2, accounts(account("alice", ",\"passwordReset\":\"monday\"")) + "}", secret);
        machine.run(2, "enable");
        assertThat(machine.sshWithPassword("alice", "first secret", "echo in").output())
                .isEqualTo("in\n");
        machine.settings(
                3, accounts(account("alice", "")) + "}", "{\"passwords\":{\"alice\":{\"hash\":\"" + hash + "\"}}}");
        machine.run(3, "enable");
        assertThat(machine.sshWithPassword("alice", "a hashed secret", "echo in")
                        .output())
                .isEqualTo("in\n");
        machine.apply(4, accounts(account("alice", "")) + "}");
        assertThat(machine.sshWithPassword("alice", "a hashed secret", "echo in")
                        .output())
                .doesNotContain("in\n");
        assertThat(machine.root
                        .sh("grep -rl --exclude-dir=lib 'first secret' /etc /var/lib " + machine.base)
                        .output())
                .isEmpty();
    }

    @Test
    void expiryClosesTheAccountAndTheKeyOnTheirDay() throws Exception {
        String today = machine.root.ok("date -u +%F");
        String tomorrow = machine.root.ok("date -u -d '1 day' +%F");
        machine.apply(1, accounts(account("alice", ",\"expires\":\"" + tomorrow + "\"")) + "}");
        assertThat(machine.ssh("alice", "alice", "echo in").output()).isEqualTo("in\n");
        machine.apply(2, accounts(account("alice", ",\"expires\":\"" + today + "\"")) + "}");
        assertThat(machine.ssh("alice", "alice", "echo in").output()).doesNotContain("in\n");
        assertThat(machine.told()).contains("account-expired", "\"subject\":\"alice\"");
        machine.apply(
                3,
                "{\"accounts\":[{\"name\":\"alice\",\"keys\":[{\"key\":\"%s\",\"expires\":\"2026-01-01T00:00:00Z\"},{\"key\":\"%s\",\"expires\":\"2099-01-01T00:00:00Z\",\"from\":[\"127.0.0.0/8\"],\"restrict\":true}]}]}"
                        .formatted(machine.publicKey("alice"), machine.publicKey("other")));
        assertThat(machine.told()).contains("account-expired", "resolved");
        assertThat(machine.ssh("alice", "alice", "echo in").output()).doesNotContain("in\n");
        assertThat(machine.ssh("alice", "other", "echo in").output()).isEqualTo("in\n");
    }

    @Test
    void driftIsToldAndChangedBack() throws Exception {
        machine.apply(1, accounts(account("alice", ",\"sudo\":\"all\"")) + "}");
        machine.tick();
        assertThat(machine.told()).isEmpty();
        machine.root.ok("gpasswd -a alice sudo; usermod -s /bin/sh alice; cat /root/keys/other.pub >>"
                + " /etc/vmext-access/keys/alice;chmod 600 /etc/sudoers.d/vmext-access; echo 'bea ALL=(ALL) ALL'"
                + " >> /etc/sudoers.d/vmext-access; rm /etc/ssh/sshd_config.d/00-vmext-access.conf; kill -HUP"
                + " $(cat /run/sshd.pid)");
        machine.tick();
        String told = machine.told();
        assertThat(told)
                .contains(
                        "\"subject\":\"account alice\"",
                        "it is in the group sudo",
                        "its shell is /bin/sh instead of /bin/bash")
                .contains("\"subject\":\"keys of alice\"", "\"subject\":\"sudo\"", "\"subject\":\"sshd\"");
        assertThat(told.split("\"state\":\"resolved\"", -1)).hasSize(5);
        assertThat(machine.ssh("alice", "other", "true").ok()).isFalse();
        assertThat(machine.ssh("alice", "alice", "id -nG").output()).isEqualTo("alice\n");
        assertThat(machine.root.ok("cat /etc/sudoers.d/vmext-access; stat -c %a /etc/sudoers.d/vmext-access"))
                .doesNotContain("bea")
                .endsWith("440");
        machine.tick();
        assertThat(machine.told()).isEmpty();

        // An account that somebody deleted comes back with its number, so that its files are its own.
        String uid = machine.root.ok("id -u alice");
        machine.root.ok("userdel alice");
        machine.tick();
        assertThat(machine.told()).contains("it is missing");
        assertThat(machine.ssh("alice", "alice", "id -u").output()).isEqualTo(uid + "\n");
    }

    @Test
    void withoutRepairDriftIsOnlyToldUntilItIsOver() throws Exception {
        machine.apply(1, accounts(account("alice", "")) + ",\"repair\":false}");
        machine.root.ok("gpasswd -a alice sudo");
        machine.tick();
        machine.tick();
        assertThat(machine.told().lines()).hasSize(1).allMatch(l -> l.contains("it is in the group sudo"));
        assertThat(machine.root.ok("id -nG alice")).contains("sudo");
        machine.root.ok("gpasswd -d alice sudo");
        machine.tick();
        assertThat(machine.told()).contains("resolved");
    }

    @Test
    void whatTheMachineRefusesChangesNothing() throws Exception {
        machine.apply(1, accounts(account("alice", ",\"sudo\":\"all\"")) + "}");
        String before = machine.everything();
        machine.settings(
                2,
                accounts(
                                account("alice", ""),
                                "{\"name\":\"carl\",\"uid\":%s}".formatted(machine.root.ok("id -u bea")),
                                "{\"name\":\"dora\",\"groups\":[\"nobodys\"],\"shell\":\"/bin/none\"}",
                                "{\"name\":\"games2\",\"home\":\"/var/games\"}",
                                "{\"name\":\"adm\"}")
                        + ",\"sudoers\":\"alice ALL=(ALL) NOPASWD: ALL\\n\"}");
        machine.root.ok("mkdir /var/games");
        assertThat(machine.run(2, "enable").exitCode()).isEqualTo(53);
        assertThat(machine.status(2))
                .contains("the account carl: the uid ", " belongs to bea")
                .contains("the account dora: there is no group nobodys", "there is no shell /bin/none")
                .contains("its home /var/games exists already and belongs to root")
                .contains("the account adm: there is a group of that name already")
                .contains("visudo refuses them", "syntax error", "Nothing was changed");
        assertThat(machine.everything()).isEqualTo(before);
        assertThat(machine.ssh("alice", "alice", "true").ok()).isTrue();

        // Right by itself, wrong with what is there.
        machine.root.write("/etc/sudoers.d/operator", "User_Alias PEOPLE = bea\n", "440");
        machine.settings(
                3,
                accounts(account("alice", ""))
                        + ",\"sudoers\":\"User_Alias PEOPLE = alice\\nPEOPLE ALL=(ALL) ALL\\n\"}");
        machine.run(3, "enable");
        assertThat(machine.status(3)).contains("\"status\":\"error\"", "PEOPLE", "the former rules are back");
        machine.root.ok("visudo -c");
        assertThat(machine.root.ok("cat /etc/sudoers.d/vmext-access")).contains("alice ALL=(ALL:ALL) ALL");
    }

    @Test
    void aHomeInWhichSomethingIsLeftStaysForRootAndIsTheOwnersAgain() throws Exception {
        machine.apply(1, accounts(account("alice", "")) + "}");
        String uid = machine.root.ok("id -u alice");
        machine.ssh("alice", "alice", "echo precious > file");
        machine.apply(2, "{}");
        assertThat(machine.root.ok("stat -c '%U %a' /home/alice")).isEqualTo("root 700");
        assertThat(machine.status(2)).contains("the home /home/alice of the removed account alice is kept");
        machine.apply(3, accounts(account("alice", "")) + "}");
        assertThat(machine.ssh("alice", "alice", "cat file; id -u").output()).isEqualTo("precious\n" + uid + "\n");
        machine.apply(4, "{\"homes\":\"delete\"}");
        assertThat(machine.root.sh("test -e /home/alice").ok()).isFalse();
    }

    @Test
    void anUpdateAndAReturnToTheOlderVersionTouchNobody() throws Exception {
        machine.apply(1, accounts(account("alice", "")) + "}");
        machine.ssh("alice", "alice", "echo precious > file");
        String before = machine.everything();
        String version = "AZURE_GUEST_AGENT_EXTENSION_VERSION";
        String from = "AZURE_GUEST_AGENT_UPDATING_FROM_VERSION";
        // azure-contract: on the way up the new version runs update, on the way down the one that goes.
        machine.run(1, "update", Map.of(version, "1.1.0", from, "1.0.0", "VERSION", "1.1.0"));
        machine.run(1, "uninstall", Map.of(version, "1.0.0"));
        assertThat(machine.everything()).isEqualTo(before);
        machine.run(1, "enable", Map.of(version, "1.1.0"));
        machine.run(1, "update", Map.of(version, "1.1.0", from, "1.0.0", "VERSION", "1.0.0"));
        machine.run(1, "uninstall", Map.of(version, "1.1.0"));
        assertThat(machine.everything()).isEqualTo(before);
        machine.run(1, "enable");
        assertThat(machine.ssh("alice", "alice", "cat file").output()).isEqualTo("precious\n");
        // The note of an update is used up: this is no update.
        machine.run(1, "uninstall");
        assertThat(machine.ssh("alice", "alice", "true").ok()).isFalse();
    }

    @Test
    void sudoRulesAllowExactlyWhatTheySay() throws Exception {
        machine.apply(
                1,
                accounts(account("alice", ""))
                        + ",\"sudoRules\":[{\"users\":[\"alice\"],\"commands\":[\"/usr/bin/env A=b:c,d"
                        + " true\"],\"password\":false}]}");
        assertThat(machine.ssh("alice", "alice", "sudo -n env A=b:c,d true").ok())
                .isTrue();
        assertThat(machine.ssh("alice", "alice", "sudo -n env A=b true").ok()).isFalse();
        assertThat(machine.ssh("alice", "alice", "sudo -n id").ok()).isFalse();
    }

    @Test
    void killedAnywhereItIsGoneOnWith() throws Exception {
        String before = machine.everything();
        String wanted = accounts(
                        account("alice", ",\"groups\":[\"adm\"],\"sudo\":\"all-without-password\""),
                        account("bea", ",\"groups\":[\"adm\"]"))
                + "}";
        machine.settings(1, wanted);
        for (int round = 0; round < 6; round++) {
            killSomewhere("enable");
        }
        assertThat(machine.runPackaged(1, "enable")).isEqualTo(new Programs.Result(0, ""));
        assertThat(machine.ssh("alice", "alice", "sudo -n id -un").output()).isEqualTo("root\n");
        assertThat(machine.status(1)).contains("alice: made", "bea: adopted");
        for (int round = 0; round < 6; round++) {
            killSomewhere("uninstall");
        }
        assertThat(machine.run(1, "uninstall")).isEqualTo(new Programs.Result(0, ""));
        assertThat(machine.everything()).isEqualTo(before);
    }

    /** Ends the handler and all it started, at any moment of its work. */
    private void killSomewhere(String command) throws Exception {
        Process process = machine.handler(1, command).start();
        long until = System.nanoTime() + ThreadLocalRandom.current().nextLong(1_800_000_000L);
        while (process.isAlive() && System.nanoTime() < until) {
            Thread.onSpinWait();
        }
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
        assertThat(Files.exists(machine.base)).isTrue();
    }
}
