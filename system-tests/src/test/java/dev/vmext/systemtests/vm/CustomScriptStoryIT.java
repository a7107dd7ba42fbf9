package dev.vmext.systemtests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Api;
import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * vmext.CustomScript on a machine: files and downloads are there and are what they should be before anything runs, and a script runs as
 * often as the settings say and not once more, whatever restarts. What ran is told by what it left on the machine.
 */
@Order(73)
@Tag("long")
class CustomScriptStoryIT extends MachineStory {
    private static final String NAME = "job";
    private static final String EXTENSION = "vmext.CustomScript";
    private static final String NEWER = newerVersion();
    private static final String TOOL = "#!/bin/sh\necho \"the tool says $1\" >> /root/story/said\n";

    private Path offered = WORK;
    private String version = "";

    @BeforeAll
    void aServerWithATool() throws Exception {
        version = built(EXTENSION);
        offered = Files.createDirectories(WORK.resolve("tools"));
        Files.writeString(offered.resolve("tool"), TOOL);
        files().serve("tools", offered);
        inside("mkdir -p /root/story");
        Traces.remember();
    }

    @AfterAll
    void leaveTheMachineAsItWas() throws Exception {
        takeOff(NAME);
        inside("rm -rf /root/story /root/traces");
    }

    private static String digest(String text) throws Exception {
        return "sha256:"
                + HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256")
                                .digest(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    /** Settings whose script says a word, by the tool that has to be fetched. */
    private String settings(String word, String toolDigest, String more) {
        return """
                {"script": "#!/bin/sh -e\\ncd \\"$VMEXT_SCRIPT_FILES\\"\\n./tool \\"$WORD\\"\\ncat words.txt secret.txt >> /root/story/said\\ncat secret.txt\\nls >> /root/story/said\\n",
                 "environment": {"WORD": "%s"},
                 "files": [{"name": "words.txt", "content": "a text beside it\\n"},
                           {"name": "tool", "url": "%stool", "digest": "%s", "executable": true}]%s}""".formatted(word, files().address("tools"), toolDigest, more);
    }

    private void apply(String settings, boolean rerun) throws Exception {
        var body = Api.JSON.createObjectNode().put("extension", EXTENSION).put("version", version);
        body.set("settings", Api.JSON.readTree(settings));
        body.set(
                "protectedSettings",
                Api.JSON.readTree("{\"files\": [{\"name\": \"secret.txt\", \"content\": \"swordfish-4711\\n\"}]}"));
        if (rerun) {
            body.put("rerun", true);
        }
        api.put(ControlPlane.path("demo", NAME), body.toString()).ok();
    }

    private static String said() throws Exception {
        return inside("cat /root/story/said 2>/dev/null || true");
    }

    private static long times(String word) throws Exception {
        return said().lines()
                .filter(line -> line.equals("the tool says " + word))
                .count();
    }

    @Test
    @Order(1)
    void aScriptFindsItsFilesAndRunsOnce() throws Exception {
        apply(settings("hello", digest(TOOL), ""), false);
        JsonNode view = healthy(NAME);
        // By its digest: what a command prints comes without the secrets of the machine's installations.
        assertThat("sha256:"
                        + inside("sha256sum < /root/story/said | cut -c 1-64").strip())
                .isEqualTo(
                        digest("the tool says hello\na text beside it\nswordfish-4711\nsecret.txt\ntool\nwords.txt\n"));
        assertThat(view.toString()).contains("***").doesNotContain("swordfish");
        assertThat(inside("grep -rl swordfish /var/lib/vmext/handlers /var/log/azure /var/log/vmext || true"))
                .as("secret files and what they held are gone from the disk")
                .isEmpty();
        assertThat(inside("stat -c '%a %U' /var/log/azure/vmext.CustomScript/job/*.stdout"))
                .startsWith("600 root");
        inside("systemctl restart vmext-agent");
        healthy(NAME);
        assertThat(times("hello")).isOne();
        apply(settings("again", digest(TOOL), ""), false);
        healthy(NAME);
        assertThat(times("again")).isOne();
    }

    @Test
    @Order(2)
    void nothingRunsWhenADownloadIsNotWhatItShouldBe() throws Exception {
        String before = said();
        apply(settings("wrong", digest("another tool"), ""), false);
        JsonNode view = failed(NAME);
        assertThat(view.path("cause").toString())
                .contains("cannot fetch the file tool", digest(TOOL).substring(7, 20));
        assertThat(said()).isEqualTo(before);
        // A word more than a schema can know: the names of two files are the same.
        apply(settings("wrong", digest(TOOL), "").replace("words.txt\", \"content", "secret.txt\", \"content"), false);
        assertThat(failed(NAME).path("cause").toString()).contains("another file of that name");
        assertThat(said()).isEqualTo(before);
        apply(settings("right", digest(TOOL), ""), false);
        healthy(NAME);
        assertThat(times("right")).isOne();
    }

    @Test
    @Order(3)
    void whatIsToRunOnceRunsOnceWhateverElseChanges() throws Exception {
        // Another script ended well before; a rerun of the same settings says that this one is meant.
        apply(settings("first", digest(TOOL), ", \"run\": \"once\""), false);
        assertThat(healthy(NAME).path("status").toString()).contains("Nothing to do");
        apply(settings("first", digest(TOOL), ", \"run\": \"once\""), true);
        Eventually.until("it runs", GUEST, () -> times("first"), count -> count == 1);
        healthy(NAME);
        apply(settings("second", digest(TOOL), ", \"run\": \"once\""), false);
        assertThat(healthy(NAME).path("status").toString()).contains("Nothing to do", "is to run once");
        publishAs(EXTENSION, NEWER);
        String own = version;
        for (String next : List.of(NEWER, own)) {
            version = next;
            apply(settings("third", digest(TOOL), ", \"run\": \"once\""), false);
            healthy(NAME, next);
        }
        assertThat(times("first")).isOne();
        assertThat(said()).doesNotContain("says second", "says third");
        apply(settings("third", digest(TOOL), ", \"run\": \"once\""), true);
        Eventually.until("a rerun runs it", GUEST, () -> times("third"), count -> count == 1);
        healthy(NAME);
    }

    @Test
    @Order(4)
    void aScriptThatFailsIsToldInItsOwnWordsAndOneThatRanIntoARestartIsNotRunAgain() throws Exception {
        apply("{\"commandToExecute\": \"echo the disk is upside down >&2; exit 7\"}", false);
        assertThat(failed(NAME).path("cause").toString()).contains("exit code 7", "the disk is upside down");
        String before = inside("cat /proc/sys/kernel/random/boot_id");
        apply("{\"commandToExecute\": \"echo restarting >> /root/story/said; systemctl reboot; sleep 1000\"}", false);
        JsonNode view = Eventually.until(
                "it is told after the restart",
                GUEST,
                () -> installation(NAME),
                seen -> seen.path("cause").toString().contains("the machine was restarted while"));
        assertThat(view.path("healthy").asBoolean()).isFalse();
        assertThat(inside("cat /proc/sys/kernel/random/boot_id")).isNotEqualTo(before);
        assertThat(said().lines().filter(line -> line.equals("restarting"))).hasSize(1);
    }

    @Test
    @Order(5)
    void leavesNothingButWhatTheScriptsDid() throws Exception {
        String before = said();
        uninstall(NAME);
        assertThat(Traces.left("/root/story/said")).isEmpty();
        assertThat(Traces.gone()).isEmpty();
        assertThat(said()).isEqualTo(before);
        assertThat(inside("ls /var/log/azure/vmext.CustomScript; ls -a /var/lib/vmext/handlers"))
                .contains("handler.log")
                .doesNotContain("\njob\n", "ended-well");
    }
}
