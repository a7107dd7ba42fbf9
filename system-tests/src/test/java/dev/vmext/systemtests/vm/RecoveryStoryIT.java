package dev.vmext.systemtests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Product;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A machine that is lost comes back as a new one with its extensions and data, from its backups alone and by one command. The last of
 * the stories: the new machine is not the one that they share.
 */
@Order(99)
@Tag("long")
class RecoveryStoryIT extends MachineStory {
    private static final String NAME = "everything";

    /** What the machine was: its data, and what somebody set up on it. */
    private static final String LOOK = """
            cd /srv/recovery
            find . -printf '%p %M %U %G %T@\\n' | sort
            sha256sum ledger
            python3 -c 'import os; print(os.getxattr("ledger", "user.story"))'
            cat /etc/story.conf
            id -u clerk
            """;

    private String made = "";

    @Override
    boolean installsPackages() {
        return false;
    }

    @BeforeAll
    void somethingToLose() throws Exception {
        inside("""
                mkdir -p /srv/recovery/empty
                cd /srv/recovery
                head -c 5000000 /dev/urandom > ledger
                python3 -c 'import os; os.setxattr("ledger", "user.story", b"a word")'
                chown 4321:1234 ledger; chmod 4751 ledger; chmod 1777 empty
                useradd --uid 4321 --create-home clerk
                echo 'port 80' > /etc/story.conf
                """);
        made = inside(LOOK);
    }

    @AfterAll
    void leaveNoMoreThanIsThere() throws Exception {
        takeOff(NAME);
        inside("rm -rf /srv/recovery /etc/story.conf; userdel -r clerk 2> /dev/null; true");
    }

    @Test
    @Order(1)
    void isBackedUp() throws Exception {
        want(NAME, "vmext.Backup", "", """
                {"sources": ["/etc", "/home", "/root", "/srv"], "schedule": {"when": "manual"}}""");
        healthy(NAME);
        Product.Said said = vmext("backup", "demo", NAME, "--wait");
        assertThat(said.exit()).as(said.all()).isZero();
        assertThat(said.out()).contains("good at ");
    }

    @Test
    @Order(2)
    void comesBackFromItsBackupByOneCommand() throws Exception {
        String boot = inside("cat /proc/sys/kernel/random/boot_id");
        String lost = machineId;
        lose();
        Product.Said said = vmext("machine", "recover", "demo", "--from", "backup", "--wait", "--timeout", "25m");
        assertThat(said.exit()).as(said.all()).isZero();
        awaitAnotherBoot(boot);
        assertThat(machine().path("id").asText())
                .as("under its own name it is the machine that it was")
                .isEqualTo(lost);
        JsonNode restored = healthy("recover-" + NAME);
        assertThat(restored.path("status").toString()).contains("Restored ");
        assertThat(inside(LOOK)).isEqualTo(made);
        for (String installation : new String[] {"firewall", "metrics", "hello", NAME}) {
            healthy(installation);
        }
        assertThat(inside("nft list ruleset")).contains("table inet vmext_firewall");
    }

    @Test
    @Order(3)
    void goesOnWithTheSameBackups() throws Exception {
        Product.Said said = vmext("backup", "demo", NAME, "--wait");
        assertThat(said.exit()).as(said.all()).isZero();
        JsonNode repository = Eventually.until(
                "the repository has both backups",
                GUEST,
                () -> api.get("/v1/projects/default/machines/demo/repositories/" + NAME)
                        .ok(),
                view -> view.path("status").path("snapshots").asInt() >= 2);
        assertThat(repository.path("status").path("lastBackup").isTextual()).isTrue();
        reboot();
        assertThat(inside(LOOK)).isEqualTo(made);
        healthy("firewall");
    }
}
