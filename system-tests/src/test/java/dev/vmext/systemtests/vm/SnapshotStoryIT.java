package dev.vmext.systemtests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Api;
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
 * Snapshots of a machine's disk while a program on it writes: a chain of three, read on the host by tools that know nothing of vmext, the
 * machine put back to one of them, and the machine lost and recovered. What was written by then is in numbered lines, so what lacks or
 * came too late is seen.
 */
@Order(90)
@Tag("long")
class SnapshotStoryIT extends MachineStory {
    /** Each line is on the disk before its number is told in /run, where no snapshot reaches. */
    private static final String WRITER = """
            import os, time
            f = os.open("/srv/story/log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            n = 0
            while True:
                n += 1
                os.write(f, b"%d %s\\n" % (n, b"x" * 40))
                os.fsync(f)
                with open("/run/story-written.new", "w") as told:
                    told.write(str(n))
                os.rename("/run/story-written.new", "/run/story-written")
                time.sleep(0.1)
            """;

    private final List<String> chain = new ArrayList<>();
    /** How many lines were on the disk for certain, before each snapshot and after it. */
    private final List<Long> before = new ArrayList<>();

    private final List<Long> after = new ArrayList<>();
    private Path scratch = WORK;

    @BeforeAll
    void somebodyWrites() throws Exception {
        scratch = WORK.resolve("snapshots");
        Product.run(WORK, "", 30, Map.of(), List.of("rm", "-rf", scratch.toString()));
        Files.createDirectories(scratch);
        inside("""
                mkdir -p /srv/story /etc/vmext/freeze.d
                cat > /root/writer.py <<'END'
                %s
                END
                printf '#!/bin/sh\\necho "$1" >> /run/story-hook\\n' > /etc/vmext/freeze.d/story
                chmod 755 /etc/vmext/freeze.d /etc/vmext/freeze.d/story
                systemd-run --quiet --unit=story-writer python3 /root/writer.py
                until [ -s /run/story-written ]; do sleep 0.2; done""".formatted(WRITER));
    }

    @AfterAll
    void leaveTheMachineAsItWas() throws Exception {
        inside(
                "systemctl stop story-writer 2> /dev/null; rm -rf /srv/story /root/writer.py /etc/vmext/freeze.d/story; rmdir /etc/vmext/freeze.d 2> /dev/null; true");
        for (JsonNode one :
                api.get("/v1/projects/default/machines/demo/snapshots").ok().path("items")) {
            vmext("snapshot", "delete", "demo", one.path("id").asText(), "--chain");
        }
        Product.run(WORK, "", 30, Map.of(), List.of("rm", "-rf", scratch.toString()));
    }

    private static long written() throws Exception {
        return Long.parseLong(inside("cat /run/story-written").strip());
    }

    private static JsonNode json(String... arguments) throws Exception {
        Product.Said said = vmext(arguments);
        assertThat(said.exit()).as(said.all()).isZero();
        return Api.JSON.readTree(said.out());
    }

    private Product.Said host(String... command) throws Exception {
        return Product.run(scratch, "", 600, Map.of(), List.of(command));
    }

    private static Path disk(String machine, String snapshot) {
        return HOME.resolve("snapshots").resolve(machine).resolve(snapshot).resolve("disk.qcow2");
    }

    private static void assertWhole(String log, long atLeast, long atMost) {
        List<String> lines = log.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            assertThat(lines.get(i)).isEqualTo((i + 1) + " " + "x".repeat(40));
        }
        assertThat((long) lines.size()).isBetween(atLeast, atMost);
    }

    @Test
    @Order(1)
    void aChainOfThreeIsTakenWhileTheMachineWrites() throws Exception {
        for (int i = 0; i < 3; i++) {
            before.add(written());
            JsonNode taken = json("snapshot", "create", "demo", "--wait", "-o", "json");
            after.add(written());
            chain.add(taken.path("id").asText());
            assertThat(taken.path("state").asText()).isEqualTo("ready");
            assertThat(taken.path("consistency").asText()).as(taken.toString()).isEqualTo("application");
            assertThat(taken.path("kind").asText()).isEqualTo(i == 0 ? "full" : "increment");
            if (i > 0) {
                assertThat(taken.path("parent").asText()).isEqualTo(chain.get(i - 1));
            }
            inside("touch /srv/story/after-" + i + "; sync");
        }
        assertThat(inside("cat /run/story-hook")).isEqualTo("freeze\nthaw\n".repeat(3));
        assertThat(Files.size(disk(machineId, chain.get(1)))).isLessThan(Files.size(disk(machineId, chain.get(0))) / 4);
        for (String id : chain) {
            JsonNode seen = json("snapshot", "verify", "demo", id, "-o", "json");
            assertThat(seen.path("faults")).isEmpty();
        }
    }

    @Test
    @Order(2)
    void eachIsAWholeFileSystemWithWhatWasWrittenByThen() throws Exception {
        for (int i = 0; i < 3; i++) {
            Path raw = scratch.resolve("disk.raw");
            Product.Said converted = host(
                    "qemu-img",
                    "convert",
                    "-O",
                    "raw",
                    disk(machineId, chain.get(i)).toString(),
                    raw.toString());
            assertThat(converted.exit()).as(converted.all()).isZero();
            Product.Said checked = host("e2fsck", "-f", "-n", raw.toString());
            assertThat(checked.exit()).as(checked.all()).isZero();
            Product.Said log = host("debugfs", "-R", "cat /srv/story/log", raw.toString());
            assertWhole(log.out(), before.get(i), after.get(i));
            assertThat(host("debugfs", "-R", "ls /srv/story", raw.toString()).out())
                    .contains(i == 0 ? "log" : "after-" + (i - 1))
                    .doesNotContain("after-" + i);
            Files.delete(raw);
        }
    }

    @Test
    @Order(3)
    void theMachineIsPutBack() throws Exception {
        String boot = inside("cat /proc/sys/kernel/random/boot_id");
        Product.Said unknown = vmext("snapshot", "restore", "demo", "nonesuch");
        assertThat(unknown.exit()).as(unknown.all()).isEqualTo(3);
        Product.Said said = vmext("snapshot", "restore", "demo", chain.get(1));
        assertThat(said.exit()).as(said.all()).isZero();
        awaitAnotherBoot(boot);
        assertThat(inside("cd /srv/story; ls")).isEqualTo("after-0\nlog\n");
        assertWhole(inside("cat /srv/story/log"), before.get(1), after.get(1));
        healthy("firewall");
        JsonNode next = json("snapshot", "create", "demo", "--wait", "-o", "json");
        assertThat(next.path("kind").asText()).as(next.toString()).isEqualTo("full");
        assertThat(next.path("whyFull").asText()).contains("put back");
    }

    @Test
    @Order(4)
    void aMachineThatIsLostComesBackFromItsNewestSnapshot() throws Exception {
        String lost = machineId;
        String boot = inside("cat /proc/sys/kernel/random/boot_id");
        Product.Said refused = vmext("machine", "recover", "demo");
        assertThat(refused.exit()).as("it is there: " + refused.all()).isNotZero();
        lose();
        Product.Said said = vmext("machine", "recover", "demo", "--wait", "--timeout", "20m");
        assertThat(said.exit()).as(said.all()).isZero();
        awaitAnotherBoot(boot);
        assertThat(machine().path("id").asText())
                .as("under its own name it is the machine that it was")
                .isEqualTo(lost);
        assertWhole(inside("cat /srv/story/log"), before.get(1), after.get(1));
        healthy("firewall");
    }
}
