package dev.vmext.systemtests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Product;
import dev.vmext.systemtests.product.Repository;
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
 * vmext.Antivirus with the real ClamAV: signatures from a mirror on the host and from a package, a planted test file that is found,
 * taken away and put back, settings with a fault, versions up and down, a restart, and the way out. What is claimed is looked at on
 * the machine, not in the extension's own words.
 */
@Order(20)
@Tag("long")
class AntivirusStoryIT extends MachineStory {
    private static final String STATE = "/var/lib/vmext-antivirus";
    /** Put together on the machine: as one text it would trip scanners on its way. */
    private static final String PLANT =
            "plant() { printf '%s%s' 'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-' 'STANDARD-ANTIVIRUS-TEST-FILE!$H+H*' > \"$1\"; }\n";

    private static final String SCANS =
            "\"scans\": [{\"name\": \"daily\", \"calendar\": \"*-*-* 03:00:00\", \"paths\": [\"/home\", \"/srv\"]}],"
                    + "\"exclusions\": {\"paths\": [\"/srv/skip\"]}";

    private static final String EICAR = "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f";
    private static final String NEWER = newerVersion();

    private Path mirror = WORK;
    private String version = "";

    @BeforeAll
    void look() throws Exception {
        version = built("vmext.Antivirus");
        mirror = Files.createDirectories(WORK.resolve("mirror"));
        Files.writeString(mirror.resolve("own.hdb"), "44d88612fea8a8f36de82e1278abb02f:68:Story.Eicar\n");
        files().serve("mirror", mirror);
        Traces.remember();
        Footprint.before();
    }

    @AfterAll
    void leaveTheMachineAsItWas() throws Exception {
        takeOff("words", "antivirus");
        inside("rm -rf " + STATE + " /home/story /srv/skip /root/traces");
    }

    private String mirrored() {
        return "\"signatures\": {\"source\": \"mirror\", \"databases\": [\"" + files().address("mirror")
                + "own.hdb\"]}";
    }

    private void wantAntivirus(String settings) throws Exception {
        want("antivirus", "vmext.Antivirus", version, "{" + settings + "}");
    }

    /** Waits for a line that a program on the machine prints. */
    private static String eventually(String what, String script, String expected) throws Exception {
        return Eventually.until(what, GUEST, () -> inside(script), said -> said.contains(expected));
    }

    @Test
    @Order(1)
    void isInstalledWithSignaturesFromAMirrorAndWithoutADaemon() throws Exception {
        wantAntivirus(mirrored() + "," + SCANS);
        healthy("antivirus");
        assertThat(files().requests()).contains("/mirror/own.hdb");
        assertThat(
                        inside(
                                "cat " + STATE + "/db/own.hdb; systemctl is-enabled clamav-freshclam.service || true;"
                                        + "systemctl is-active vmext-antivirus-scan-daily.timer vmext-antivirus-update.timer; pgrep -c 'clamd|freshclam' || true"))
                .contains("Story.Eicar")
                .contains("masked")
                .contains("active\nactive\n0");
    }

    @Test
    @Order(2)
    void aPlantedFileIsFoundByTheScheduledScanAndTakenAway() throws Exception {
        inside(
                PLANT + "mkdir -p /home/story /srv/skip; plant /home/story/eicar.com; plant /srv/skip/eicar.com\n"
                        + "chown 33:34 /home/story/eicar.com; chmod 4751 /home/story/eicar.com; touch -d '2020-02-02 02:02:02.123 UTC' /home/story/eicar.com");
        // As the timer does when its time has come.
        inside("systemctl start vmext-antivirus-scan@daily.service");
        assertThat(inside(
                        "test ! -e /home/story/eicar.com && test -e /srv/skip/eicar.com && echo so; grep -rl EICAR-STANDARD "
                                + STATE + " || echo hidden; cat " + STATE + "/quarantine/*/meta; stat -c %a " + STATE
                                + "/quarantine"))
                .contains(
                        "so",
                        "hidden",
                        "path /home/story/eicar.com",
                        "signature Vmext.Test.Eicar",
                        "mode 4751",
                        "uid 33",
                        "700");
        Eventually.until(
                "the status tells of the quarantine",
                GUEST,
                () -> installation("antivirus").toString(),
                said -> said.contains("/home/story/eicar.com") && said.contains("1 infected"));
        assertThat(inside("curl -s --unix-socket /run/vmext-antivirus/metrics.sock http://x/metrics"))
                .contains("vmext_antivirus_infected_total 1", "vmext_antivirus_quarantine_files 1");
    }

    @Test
    @Order(3)
    void itIsAFinding() throws Exception {
        assertThat(finding("malware-found", "open").toString())
                .contains("/home/story/eicar.com", "Vmext.Test.Eicar", EICAR);
    }

    @Test
    @Order(4)
    void nothingStaysInMemory() throws Exception {
        Footprint taken = Footprint.of("antivirus", "vmext-antivirus");
        assertThat(taken.processes()).as(taken.toString()).isZero();
        assertThat(taken.packagesKiB()).as("ClamAV came with it").isPositive();
    }

    @Test
    @Order(5)
    void newSignaturesOfTheMirrorAreTakenAndBrokenOnesAreNot() throws Exception {
        Files.writeString(mirror.resolve("own.hdb"), "44d88612fea8a8f36de82e1278abb02f:68:Story.Eicar.New\n");
        inside("systemctl start vmext-antivirus-update.service && grep -q Eicar.New " + STATE + "/db/own.hdb");
        Files.writeString(mirror.resolve("own.hdb"), "this is no signature\n");
        inside("! systemctl start vmext-antivirus-update.service && grep -q Eicar.New " + STATE + "/db/own.hdb");
        assertThat(finding("update-failed", "open").toString()).contains("freshclam");
        Files.writeString(mirror.resolve("own.hdb"), "44d88612fea8a8f36de82e1278abb02f:68:Story.Eicar\n");
        inside("systemctl start vmext-antivirus-update.service");
        finding("update-failed", "resolved");
    }

    @Test
    @Order(6)
    void settingsWithAFaultAreToldAndTheOldOnesStayAtWork() throws Exception {
        wantAntivirus(mirrored() + ",\"scans\": [{\"name\": \"daily\", \"calendar\": \"Febtember 03:00\"}]");
        assertThat(failed("antivirus").path("cause").toString()).contains("settings.scans[0].calendar", "systemd");
        assertThat(
                        inside(
                                "systemctl is-active vmext-antivirus-scan-daily.timer; cat /etc/systemd/system/vmext-antivirus-scan-daily.timer"))
                .contains("active", "OnCalendar=*-*-* 03:00:00");
        wantAntivirus("\"mode\": \"daemon\"," + SCANS);
        assertThat(failed("antivirus").path("cause").toString()).contains("daemon needs 1300 MiB");
    }

    @Test
    @Order(7)
    void aFileIsPutBackByteForByteWithOwnerModeAndTimeAndTrusted() throws Exception {
        String id =
                inside("sh " + STATE + "/bin/vmext-antivirus quarantine list").split(" ", -1)[0];
        wantAntivirus(mirrored() + "," + SCANS + ",\"quarantine\": {\"restore\": [\"" + id + "\"]}");
        healthy("antivirus");
        assertThat(inside("stat -c '%a %u %g %y' /home/story/eicar.com; sha256sum < /home/story/eicar.com"))
                .contains("4751 33 34 2020-02-02 02:02:02.123", EICAR);
        inside(
                "systemctl start vmext-antivirus-scan@daily.service; test -e /home/story/eicar.com; rm /home/story/eicar.com");
    }

    @Test
    @Order(8)
    void aPackageBringsSignaturesAndABadOneIsRefused() throws Exception {
        Path folder = WORK.resolve("packages/signatures");
        Product.run(WORK, "", 30, Map.of(), List.of("rm", "-rf", folder.toString()));
        Files.createDirectories(folder.getParent());
        Product.run(
                WORK,
                "",
                30,
                Map.of(),
                List.of(
                        "cp",
                        "-r",
                        Repository.ROOT
                                .resolve("extensions/security/antivirus/examples/av-signatures")
                                .toString(),
                        folder.toString()));
        for (String file : List.of("extension.json", "HandlerManifest.json", "bin/handler")) {
            Path path = folder.resolve(file);
            Files.writeString(path, Files.readString(path).replace("acme.AvSignatures", "vmext.StorySignatures"));
        }
        // "story" in hexadecimal digits: any file that holds the word twice in a row.
        Files.createDirectories(folder.resolve("signatures"));
        Files.writeString(folder.resolve("signatures/story.ndb"), "Story.Word:0:*:73746f727973746f7279\n");
        publish(folder, folder + ".zip");
        // Without signatures a scan that is asked for fails, and what waits for a failed installation is blocked: the
        // package comes first.
        want("words", "vmext.StorySignatures", "", "{}");
        healthy("words");
        wantAntivirus("\"signatures\": {\"source\": \"package\"}," + SCANS
                + ",\"scanNow\": {\"id\": \"word\", \"paths\": [\"/home/story\"]}");
        healthy("antivirus");
        assertThat(inside("ls " + STATE + "/accepted/vmext.StorySignatures " + STATE + "/db"))
                .contains("story.ndb")
                .doesNotContain("own.hdb");

        inside("mkdir " + STATE + "/signatures.d/broken; echo nonsense > " + STATE
                + "/signatures.d/broken/x.ndb; touch " + STATE + "/signatures.d");
        eventually("the broken one is refused", "ls " + STATE + "/open", "p-broken");
        assertThat(inside("ls " + STATE + "/accepted; rm -r " + STATE + "/signatures.d/broken"))
                .contains("vmext.StorySignatures")
                .doesNotContain("broken");
    }

    @Test
    @Order(9)
    void aScanThatWasAskedForTellsItsEndInTheStatus() throws Exception {
        inside("echo storystory > /home/story/word; echo harmless > /home/story/other");
        wantAntivirus("\"signatures\": {\"source\": \"package\"}," + SCANS
                + ",\"scanNow\": {\"id\": \"word-2\", \"paths\": [\"/home/story\"]}");
        healthy("antivirus");
        assertThat(installation("antivirus").toString()).contains("word-2: found", "1 infected");
        assertThat(inside("ls /home/story")).contains("other").doesNotContain("word");
    }

    @Test
    @Order(10)
    void versionsUpAndDownAndARestartKeepScheduleAndQuarantine() throws Exception {
        publishAs("vmext.Antivirus", NEWER);
        for (String next : List.of(NEWER, version)) {
            want("antivirus", "vmext.Antivirus", next, "{\"signatures\": {\"source\": \"package\"}," + SCANS + "}");
            healthy("antivirus", next);
            assertKept();
            if (next.equals(NEWER)) {
                reboot();
                healthy("antivirus", next);
                assertKept();
            }
        }
    }

    private static void assertKept() throws Exception {
        assertThat(inside("systemctl is-active vmext-antivirus-scan-daily.timer; sh " + STATE
                        + "/bin/vmext-antivirus quarantine list; dpkg-query -W -f '${db:Status-Abbrev}' clamav"))
                .contains("active\n", "/home/story/word", "ii ");
    }

    @Test
    @Order(11)
    void leavesNothingButTheQuarantine() throws Exception {
        uninstall("words");
        uninstall("antivirus");
        inside("rm -rf /home/story /srv/skip");
        assertThat(Traces.left(STATE + "(/quarantine.*)?"))
                .as("but the quarantine, which holds a file")
                .isEmpty();
        assertThat(Traces.gone()).isEmpty();
        assertThat(inside("ls " + STATE + "/quarantine"))
                .as("what was taken away by mistake could be had back")
                .contains("README")
                .hasLineCount(2);
        assertThat(inside("grep 'Removal of antivirus' /var/log/vmext/agent.log | tail -n 1"))
                .contains("left behind: nothing");
    }
}
