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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * vmext.Backup and vmext.Restore with restic of Debian on the machine and on the host: files are backed up by the timer, destroyed, and
 * come back as they were; root on the machine cannot take a backup away; a second place has it all and is enough.
 */
@Order(74)
@Tag("long")
class BackupStoryIT extends WatchingStory {
    private static final String NAME = "nightly";
    private static final String EXTENSION = "vmext.Backup";
    private static final String NEWER = newerVersion();
    private static final String STATE = "/var/lib/vmext-backup/nightly";

    /** Everything about files that a backup has to keep, one file a line. */
    private static final String LOOK = """
            cat > /root/look.py <<'END'
            import hashlib, os, sys
            for top, folders, names in os.walk("/srv/story"):
                folders.sort()
                for name in [""] + sorted(names) + [f for f in folders if os.path.islink(os.path.join(top, f))]:
                    path = os.path.join(top, name).rstrip("/")
                    s = os.lstat(path)
                    link = os.readlink(path) if os.path.islink(path) else ""
                    content = hashlib.sha256(open(path, "rb").read()).hexdigest() if os.path.isfile(path) and not link else ""
                    more = sorted((a, os.getxattr(path, a, follow_symlinks=False).hex()) for a in os.listxattr(path, follow_symlinks=False))
                    print(path, oct(s.st_mode), s.st_uid, s.st_gid, s.st_mtime_ns, s.st_nlink if name else "", link, content, more)
            END
            python3 /root/look.py
            """;

    private static final String MAKE = """
            mkdir -p /srv/story/deep/er /srv/story/empty
            cd /srv/story
            head -c 3000000 /dev/urandom > photo
            echo 'dear' > letter; chown 33:34 letter; chmod 4751 letter
            echo 'Umlaute und Leerzeichen' > 'deep/ä b'
            ln letter deep/er/same; ln -s ../photo deep/way; mkfifo deep/pipe
            truncate -s 20M holes; printf end >> holes
            python3 -c 'import os; os.setxattr("photo", "user.story", b"a word\\0more"); os.setxattr("empty", "trusted.story", b"x")'
            chmod 1777 empty; chown 12345:54321 deep/er; touch -d '2020-02-02 02:02:02.123456789 UTC' photo deep
            """;

    private Path second = WORK;
    private String version = "";
    private String made = "";

    @BeforeAll
    void filesToLose() throws Exception {
        version = built(EXTENSION);
        second = WORK.resolve("second-place");
        Product.run(WORK, "", 30, Map.of(), List.of("rm", "-rf", second.toString()));
        without("backup");
        inside(MAKE);
        made = inside(LOOK);
        Traces.remember();
        Footprint.before();
    }

    @AfterAll
    void leaveTheMachineAsItWas() throws Exception {
        for (JsonNode one :
                api.get("/v1/projects/default/machines/demo/installations").ok().path("items")) {
            if (one.path("extension").asText().matches("vmext\\.(Backup|Restore)")) {
                uninstall(one.path("name").asText());
            }
        }
        vmext("repository", "delete", "demo", NAME, "--all-backups-in-it");
        inside("rm -rf /srv/story /srv/back /root/look.py /root/own /root/hook /root/traces");
    }

    private static String settings(String more) {
        return "{\"sources\": [\"/srv/story\"]%s}".formatted(more);
    }

    private static final String SOON = ", \"schedule\": {\"when\": \"every\", \"everyMinutes\": 1440}";
    private static final String BY_HAND = ", \"schedule\": {\"when\": \"manual\"}";

    private static String said(String... arguments) throws Exception {
        Product.Said said = vmext(arguments);
        assertThat(said.exit()).as(said.all()).isZero();
        return said.out();
    }

    private long snapshots() throws Exception {
        Path folder = repository(NAME).resolve("snapshots");
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.count();
        }
    }

    @Test
    @Order(1)
    void theTimerMakesTheFirstBackup() throws Exception {
        want(NAME, EXTENSION, version, settings(SOON));
        healthy(NAME);
        Eventually.until("the timer's backup has come", GUEST, this::snapshots, count -> count == 1);
        JsonNode view = Eventually.until(
                "and is told",
                GUEST,
                () -> installation(NAME),
                seen -> seen.path("status").toString().contains("last good backup at "));
        assertThat(view.path("status").toString()).contains("good at ", "0 changed");
        assertThat(restic(NAME, repository(NAME), "ls", "latest", "/srv/story/deep"))
                .contains("/srv/story/deep/ä b");
        assertThat(inside("systemctl list-timers --no-legend vmext-backup-nightly.timer"))
                .contains("vmext-backup-nightly");
    }

    @Test
    @Order(2)
    void theNextOneSendsOnlyWhatIsNew() throws Exception {
        inside("echo more > /srv/story/new; rm -rf /srv/story/new.tmp");
        assertThat(said("backup", "demo", "--wait")).contains("Backup of demo by nightly: good at ", "1 new");
        assertThat(snapshots()).isEqualTo(2);
        assertThat(inside("curl -sS --unix-socket /run/vmext-backup/nightly/metrics.sock http://localhost/metrics"))
                .contains("vmext_backup_runs_total{outcome=\"good\"} 2")
                .containsPattern("vmext_backup_added_bytes [0-9]{1,5}\n");
        assertThat(Footprint.of(NAME, "vmext-backup").processes())
                .as("nothing of it stays in memory")
                .isZero();
        inside("rm /srv/story/new; touch -d '2021-01-01 UTC' /srv/story");
        made = inside(LOOK);
        assertThat(said("backup", "demo", "--wait")).contains("good at ");
    }

    @Test
    @Order(3)
    void rootOnTheMachineCannotTakeItAway() throws Exception {
        List<String> before = listing();
        String refused = inside("""
                cat > /root/thief <<'END'
                STATE=%1$s
                . $STATE/bin/machine.sh
                . $STATE/bin/repository.sh
                repository_open
                "$@"
                END
                attack() { sh /root/thief "$@" 2>&1 && echo "IT WORKED: $*"; }
                attack restic_run forget --prune --keep-last 1
                attack restic_run key remove $(sh /root/thief restic_run key list --json | sed -n 's/.*"id":"\\([0-9a-f]*\\)".*/\\1/p' | head -n 1)
                cat >> /root/thief <<'END'
                for method in DELETE POST; do
                    for what in config keys/x snapshots/$(sh /root/thief restic_run snapshots --json | sed -n 's/.*"id":"\\([0-9a-f]*\\)".*/\\1/p' | head -n 1); do
                        echo "$method $what $(curl -sS -o /dev/null -w '%%{http_code}' -X $method --data rubbish --cacert "$GATEWAY_CA" --cert "$GATEWAY_CLIENT" "${REPOSITORY#rest:}$what")"
                    done
                done
                END
                sh /root/thief true
                rm /root/thief""".formatted(STATE));
        assertThat(refused)
                .doesNotContain("IT WORKED")
                .containsPattern("DELETE config 40[0-9]")
                .containsPattern("DELETE snapshots/[0-9a-f]+ 403");
        assertThat(refused.lines().filter(line -> line.startsWith("DELETE ") || line.startsWith("POST ")))
                .hasSize(6)
                .allMatch(line -> line.matches(".* 4[0-9][0-9]"));
        assertThat(listing()).containsAll(before);
        assertThat(restic(NAME, repository(NAME), "check", "--read-data")).contains("no errors were found");
    }

    private List<String> listing() throws Exception {
        try (Stream<Path> all = Files.walk(repository(NAME))) {
            return all.filter(Files::isRegularFile)
                    .map(file -> repository(NAME).relativize(file).toString())
                    .filter(name -> !name.startsWith("locks/"))
                    .toList();
        }
    }

    @Test
    @Order(4)
    void destroyedFilesComeBackAsTheyWere() throws Exception {
        inside("""
                cd /srv/story
                rm -rf deep photo
                echo scribbled > letter; chmod 600 letter
                python3 -c 'import os; os.removexattr("empty", "trusted.story")'
                chmod 700 empty; rm holes""");
        assertThat(inside(LOOK)).isNotEqualTo(made);
        Product.Said dry = vmext("restore", "demo", NAME, "--include", "/srv/story", "--dry-run");
        assertThat(dry.out()).as(dry.all()).contains("Dry run: ", "would restore");
        assertThat(inside("cat /srv/story/letter"))
                .as("a dry run changes nothing")
                .isEqualTo("scribbled\n");
        assertThat(said("restore", "demo", NAME, "--include", "/srv/story")).contains("Restored ", "contents verified");
        assertThat(inside(LOOK)).isEqualTo(made);
        assertThat(inside("du -k /srv/story/holes | cut -f 1").strip())
                .as("holes are holes again")
                .hasSizeLessThan(4);
        said("restore", "demo", NAME, "--include", "/srv/story/letter", "--target", "/srv/back");
        assertThat(inside("cat /srv/back/srv/story/letter; find /srv/back -type f"))
                .isEqualTo("dear\n/srv/back/srv/story/letter\n");
        inside("rm -rf /srv/back");
        Eventually.until(
                "restores are taken off again",
                GUEST,
                () -> api.get("/v1/projects/default/machines/demo/installations")
                        .ok()
                        .toString(),
                all -> !all.contains("vmext.Restore"));
    }

    @Test
    @Order(5)
    void whatCannotBeDoneIsToldAndTheOldSettingsStayAtWork() throws Exception {
        String look = "cat /etc/systemd/system/vmext-backup-nightly.timer; cd " + STATE
                + "/conf; cat sources values repository.path 2>/dev/null | grep -v ^now";
        String before = inside(look);
        want(
                NAME,
                EXTENSION,
                version,
                settings(", \"schedule\": {\"when\": \"calendar\", \"calendar\": \"Febtember 03:00\"}"));
        assertThat(failed(NAME).path("cause").toString()).contains("schedule.calendar", "Febtember");
        assertThat(inside(look)).isEqualTo(before);
        inside(
                "mkdir -p /root/own && cd /root/own && echo its own password > ../own.key && restic init -q --no-cache -r /root/own -p ../own.key; rm ../own.key");
        var body = Api.JSON.createObjectNode().put("extension", EXTENSION).put("version", version);
        body.set("settings", Api.JSON.readTree(settings(SOON + ", \"repository\": {\"url\": \"/root/own\"}")));
        body.set("protectedSettings", Api.JSON.readTree("{\"repositoryPassword\": \"another password\"}"));
        api.put(ControlPlane.path("demo", NAME), body.toString()).ok();
        assertThat(failed(NAME).path("cause").toString())
                .contains("does not open with this password")
                .doesNotContain("another password");
        assertThat(inside(look)).isEqualTo(before);
        inside("systemctl start vmext-backup-nightly.service");
        assertThat(restic(NAME, repository(NAME), "snapshots"))
                .as("the timer goes on with the old ones")
                .contains("4 snapshots");

        want(
                NAME,
                EXTENSION,
                version,
                settings(
                        BY_HAND
                                + ", \"hooks\": {\"pre\": \"echo the shop is open; exit 3\", \"post\": \"echo $VMEXT_BACKUP_OUTCOME > /root/hook\"}"));
        healthy(NAME);
        Product.Said said = vmext("backup", "demo", "--wait");
        assertThat(said.exit()).isOne();
        assertThat(said.err()).contains("the hook before the backup failed", "the shop is open");
        assertThat(inside("cat /root/hook")).isEqualTo("failed\n");
        awaitFinding("backup-failed", NAME, "open");
        assertThat(snapshots()).isEqualTo(4);
        want(NAME, EXTENSION, version, settings(BY_HAND));
        healthy(NAME);
        said("backup", "demo", "--wait");
        awaitFinding("backup-failed", NAME, "resolved");
    }

    @Test
    @Order(6)
    void theSecondPlaceHasItAllAndIsEnough() throws Exception {
        said("repository", "set", "demo", NAME, "--replica", second.toString());
        assertThat(said("repository", "replicate", "demo", NAME)).contains("Good: ");
        assertThat(restic(NAME, second, "snapshots")).contains("5 snapshots");
        Path back = WORK.resolve("back");
        Product.run(WORK, "", 60, Map.of(), List.of("rm", "-rf", back.toString()));
        restic(NAME, second, "restore", "latest", "--target", back.toString());
        assertThat(Product.run(
                                back.resolve("srv/story"),
                                "",
                                60,
                                Map.of(),
                                List.of("sha256sum", "photo", "letter", "holes"))
                        .out())
                .isEqualTo(inside("cd /srv/story; sha256sum photo letter holes"));
        assertThat(said("repository", "prove", "demo", NAME)).contains("Good: ");
        assertThat(said("repository", "check", "demo", NAME)).contains("Good: ");
        said(
                "repository",
                "set",
                "demo",
                NAME,
                "--keep-last",
                "2",
                "--keep-daily",
                "0",
                "--keep-weekly",
                "0",
                "--keep-monthly",
                "0",
                "--keep-yearly",
                "0");
        assertThat(said("repository", "prune", "demo", NAME)).contains("Good: ");
        assertThat(snapshots()).as("the control plane forgets, as it was told").isEqualTo(2);
        assertThat(said("repository", "list")).contains("nightly", "up to date");
    }

    @Test
    @Order(7)
    void versionsUpAndDownGoOnWithTheSameRepository() throws Exception {
        publishAs(EXTENSION, NEWER);
        for (String next : List.of(NEWER, version)) {
            want(NAME, EXTENSION, next, settings(SOON));
            healthy(NAME, next);
            assertThat(inside("systemctl is-active vmext-backup-nightly.timer")).isEqualTo("active\n");
            assertThat(said("backup", "demo", "--wait")).contains("good at ", "0 new");
        }
    }

    @Test
    @Order(8)
    void leavesNothingOnTheMachineAndEverythingInTheRepository() throws Exception {
        long before = snapshots();
        uninstall(NAME);
        inside("rm -rf /root/own /root/hook");
        assertThat(Traces.left()).isEmpty();
        assertThat(Traces.gone()).isEmpty();
        assertThat(snapshots()).isEqualTo(before).isPositive();
        assertThat(restic(NAME, repository(NAME), "ls", "latest", "/srv/story")).contains("/srv/story/photo");
        assertThat(inside("grep 'Removal of nightly' /var/log/vmext/agent.log | tail -n 1"))
                .contains("left behind: nothing");
    }
}
