package dev.vmext.systemtests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Product;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * vmext.Backup from snapshots of LVM, of a volume with its own room and of a thin one, while a program writes without a pause: what is in
 * the backup is of one moment, and no snapshot stays. Here and not in a container, because only a machine of its own has a device mapper.
 */
@Order(75)
@Tag("long")
class LvmStoryIT extends WatchingStory {
    private static final String NAME = "frozen";
    private static final String EXTENSION = "vmext.Backup";
    private static final int FILES = 300;

    /** Round after round the number of the round into all files, in their order: at any moment a file is as new as the one before it, or one round older. */
    private static final String WRITER = """
            import itertools, os
            for n in itertools.count(1):
                for i in range(%d):
                    for volume in ("plain", "thin"):
                        with open("/srv/story/%%s/%%03d" %% (volume, i), "r+") as file:
                            file.write("%%09d" %% n)
                if n == 1:
                    open("/run/story-begun", "w").close()
            """.formatted(FILES);

    private final List<String> brought = new ArrayList<>();
    private Path scratch = WORK;
    private String version = "";

    @BeforeAll
    void volumesAndSomebodyWhoWrites() throws Exception {
        version = built(EXTENSION);
        scratch = WORK.resolve("frozen");
        Product.run(WORK, "", 30, Map.of(), List.of("rm", "-rf", scratch.toString()));
        Files.createDirectories(scratch);
        brought.addAll(inside("""
                dpkg-query -W -f '${Package}\\n' | sort > /root/before
                DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends lvm2 thin-provisioning-tools > /root/apt.log 2>&1
                dpkg-query -W -f '${Package}\\n' | sort | comm -13 /root/before -
                rm /root/before /root/apt.log
                exec 1>&2
                truncate -s 400M /root/story-lvm.img
                disk=$(losetup -f --show /root/story-lvm.img)
                pvcreate -q "$disk"
                vgcreate -q story "$disk"
                lvcreate -q -y -L 80M -n plain story
                lvcreate -q -y -L 120M -T story/pool
                lvcreate -q -y -V 80M -T story/pool -n thin
                for volume in plain thin; do
                    mkfs.ext4 -q "/dev/story/$volume"
                    mkdir -p "/srv/story/$volume"
                    mount "/dev/story/$volume" "/srv/story/$volume"
                    for i in $(seq 0 %d); do printf 000000000 > "/srv/story/$volume/$(printf %%03d "$i")"; done
                done
                cat > /root/story-writer.py <<'END'
                %sEND
                systemd-run --quiet --unit=story-writer python3 /root/story-writer.py
                until [ -e /run/story-begun ]; do sleep 0.2; done""".formatted(FILES - 1, WRITER)).lines().toList());
        assertThat(brought).contains("lvm2");
    }

    @AfterAll
    void leaveTheMachineAsItWas() throws Exception {
        takeOff(NAME);
        vmext("repository", "delete", "demo", NAME, "--all-backups-in-it");
        inside("""
                systemctl stop story-writer story-flood 2> /dev/null
                for volume in plain thin; do ! mountpoint -q "/srv/story/$volume" || umount "/srv/story/$volume"; done
                vgremove -q -f story 2> /dev/null
                losetup -j /root/story-lvm.img -O NAME --noheadings | while read -r disk; do losetup -d "$disk"; done
                rm -rf /srv/story /root/story-lvm.img /root/story-writer.py /run/story-begun
                apt-get -q -y purge %s > /dev/null 2>&1""".formatted(String.join(" ", brought)));
    }

    private void settled(String sources, String snapshot) throws Exception {
        want(NAME, EXTENSION, version, """
                {"sources": [%s], "schedule": {"when": "manual"}, "snapshot": %s}""".formatted(sources, snapshot));
        healthy(NAME);
    }

    /** The volumes of the group, as LVM lists them. */
    private static List<String> volumes() throws Exception {
        return inside("lvs --noheadings -o lv_name story")
                .lines()
                .map(String::strip)
                .toList();
    }

    /** What stood in the files of a volume when it was backed up last. */
    private List<Long> rounds(String volume) throws Exception {
        Path back = scratch.resolve("back");
        Product.run(scratch, "", 60, Map.of(), List.of("rm", "-rf", back.toString()));
        restic(NAME, repository(NAME), "restore", "latest", "--target", back.toString());
        List<Long> rounds = new ArrayList<>();
        for (int i = 0; i < FILES; i++) {
            rounds.add(Long.parseLong(Files.readString(back.resolve("srv/story/%s/%03d".formatted(volume, i)))));
        }
        return rounds;
    }

    private static void assertOfOneMoment(List<Long> rounds) {
        long newest = rounds.getFirst();
        assertThat(newest).as("the writer was at work").isGreaterThan(1);
        assertThat(rounds).isSortedAccordingTo(Comparator.reverseOrder());
        assertThat(rounds.getLast()).isBetween(newest - 1, newest);
    }

    @Test
    @Order(1)
    void whatIsBackedUpIsOfOneMomentAndNoSnapshotStays() throws Exception {
        settled("\"/srv/story/plain\", \"/srv/story/thin\"", "{\"mode\": \"required\", \"sizePercent\": 50}");
        Product.Said said = vmext("backup", "demo", NAME, "--wait");
        assertThat(said.exit()).as(said.all()).isZero();
        assertThat(said.out()).contains("good at ", "600 new");
        assertOfOneMoment(rounds("plain"));
        assertOfOneMoment(rounds("thin"));
        assertThat(volumes()).containsExactlyInAnyOrder("plain", "pool", "thin");
        assertThat(installation(NAME).toString()).doesNotContain("without a snapshot");
        assertThat(inside("systemctl is-active story-writer; findmnt -n -o SOURCE /srv/story/plain"))
                .as("the writer noticed nothing")
                .isEqualTo("active\n/dev/mapper/story-plain\n");
    }

    @Test
    @Order(2)
    void aSnapshotWhoseRoomIsFullIsToldAndWithItWhatToChange() throws Exception {
        settled("\"/srv/story/plain\"", "{\"mode\": \"required\", \"sizePercent\": 1}");
        inside("""
                systemd-run --quiet --unit=story-flood sh -c \\
                    'while :; do dd if=/dev/urandom of=/srv/story/plain/flood bs=1M count=20 conv=fsync 2> /dev/null; done'""");
        // To read it takes longer than its room lasts.
        inside("dd if=/dev/urandom of=/srv/story/plain/large bs=1M count=20 conv=fsync 2> /dev/null");
        Product.Said said = vmext("backup", "demo", NAME, "--wait");
        inside("systemctl stop story-flood; rm /srv/story/plain/flood /srv/story/plain/large");
        assertThat(said.all()).contains("was full before everything was read, snapshot.sizePercent is too little");
        assertThat(volumes()).containsExactlyInAnyOrder("plain", "pool", "thin");
    }

    @Test
    @Order(3)
    void whatCanHaveNoSnapshotIsRefusedOrSaidAsTheSettingsWant() throws Exception {
        settled("\"/srv/story/plain\", \"/root/story-writer.py\"", "{\"mode\": \"required\"}");
        Product.Said refused = vmext("backup", "demo", NAME, "--wait");
        assertThat(refused.exit()).as(refused.all()).isOne();
        assertThat(refused.err()).contains("no snapshot of /: ");
        Eventually.until(
                "the finding says so, and no more what was before",
                GUEST,
                () -> awaitFinding("backup-failed", NAME, "open")
                        .path("evidence")
                        .toString(),
                why -> why.contains("no snapshot of /: "));
        assertThat(volumes()).containsExactlyInAnyOrder("plain", "pool", "thin");

        settled("\"/srv/story/plain\", \"/root/story-writer.py\"", "{\"mode\": \"auto\", \"sizePercent\": 50}");
        Product.Said said = vmext("backup", "demo", NAME, "--wait");
        assertThat(said.exit()).as(said.all()).isZero();
        assertOfOneMoment(rounds("plain"));
        awaitFinding("backup-failed", NAME, "resolved");
        assertThat(installation(NAME).path("status").toString())
                .contains("read while it changed, without a snapshot: /: ");
        assertThat(volumes()).containsExactlyInAnyOrder("plain", "pool", "thin");
    }
}
