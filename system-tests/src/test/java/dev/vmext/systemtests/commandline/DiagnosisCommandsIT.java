package dev.vmext.systemtests.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Api;
import dev.vmext.systemtests.product.Guest;
import dev.vmext.systemtests.product.Product;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

/** Logs, doctor and bundle, from here and on the machine. */
class DiagnosisCommandsIT extends Desk {
    private static Map<String, String> unzipped(Path zip) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (InputStream file = Files.newInputStream(zip);
                ZipInputStream in = new ZipInputStream(file)) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                files.put(entry.getName(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return files;
    }

    private void installed(String name, String... more) throws Exception {
        String[] all = new String[6 + more.length];
        System.arraycopy(new String[] {"install", "m1", "vmext.Fake", "--name", name, "--wait"}, 0, all, 0, 6);
        System.arraycopy(more, 0, all, 6, more.length);
        good(all);
    }

    @Test
    void theAgentsLogIsShownAndFollowed() throws Exception {
        assertThat(good("machine", "logs", "m1").out()).contains("Connected to");
        // So that there is more than the end: whole lines only are shown.
        good("run", "m1", "--", "true");
        good("run", "m1", "--", "true");
        assertThat(good("machine", "logs", "m1", "--tail", "200").err()).contains("the end only");
        try (Following logs = Following.of(plane.home, "machine", "logs", "m1", "-f")) {
            logs.awaitOut("Connected to");
            String id = good("run", "m1", "--detach", "--", "true").out().strip();
            logs.awaitOut(id);
            plane.killNine();
            logs.awaitErr("the connection to the control plane broke");
            plane.startAgain();
            guest.awaitOnline();
            logs.awaitErr("connected again");
            String later = good("run", "m1", "--detach", "--", "true").out().strip();
            logs.awaitOut(later);
            String text = logs.out();
            assertThat(text.split("Running command " + id, -1))
                    .as("nothing is shown twice after the break:\n%s", text)
                    .hasSize(2);
            logs.interrupt();
            logs.end();
            assertThat(logs.err()).doesNotContain("Exception");
        }
    }

    @Test
    void anInstallationsLogIsItsOwnAndFollowed() throws Exception {
        installed("mine");
        installed("other");
        Product.Said said = good("installation", "logs", "m1", "mine");
        assertThat(said.out()).contains("handlers/mine/").doesNotContain("handlers/other/");
        try (Following logs = Following.of(plane.home, "installation", "logs", "m1", "mine", "-f")) {
            logs.awaitOut("handler enable");
            good("install", "m1", "vmext.Fake", "--name", "mine", "--set", "message=anew", "--wait");
            logs.awaitOut("\"ConfigSequenceNumber\": \"1\"");
            logs.interrupt();
            logs.end();
        }
        refused(vmext("installation", "logs", "m1", "nosuch"), 3, "installation-not-found", "nosuch");
    }

    @Test
    void logsThatCannotBeHadAreExplained() throws Exception {
        absent("away");
        refused(vmext("machine", "logs", "nosuch"), 3, "machine-not-found", "nosuch");
        refused(vmext("machine", "logs", "nosuch", "-f"), 3, "machine-not-found", "nosuch");
        refused(vmext("machine", "logs", "away"), 3, "log-not-found");
        refused(vmext("machine", "logs", "m1", "--source", "console"), 3, "log-not-found");
        refused(vmext("machine", "logs", "m1", "--source", "dance"), 2, "invalid-value", "dance");
        refused(vmext("machine", "logs", "m1", "--tail", "0"), 2, "invalid-value", "tail");
        try (Following logs = Following.of(plane.home, "machine", "logs", "away", "-f")) {
            logs.awaitErr("waiting, Ctrl-C ends");
            logs.interrupt();
            logs.end();
        }
    }

    @Test
    void theDoctorSeesBothEnds() throws Exception {
        installed("well");
        Product.Said said = vmext("doctor", "m1");
        assertThat(said.out())
                .contains("The control plane:")
                .contains("ok     machine       online")
                .contains("well: ready")
                .contains("The agent:")
                .contains("gateway-tls")
                .contains("checks, ");
        JsonNode found = Api.JSON.readTree(vmext("doctor", "m1", "-o", "json").out());
        assertThat(found.path("agent").asText()).contains("journal");

        absent("silent");
        Product.Said away = vmext("doctor", "silent");
        assertThat(away.exit()).isEqualTo(1);
        assertThat(away.out())
                .contains("FAIL   machine")
                .contains("never seen")
                .contains("enroll-command silent")
                .contains("The agent was not heard");
        refused(vmext("doctor", "nosuch"), 3, "machine-not-found", "nosuch");
    }

    @Test
    void theBundleHasBothEndsAndNoSecret() throws Exception {
        String canary = "canary-" + System.nanoTime();
        Path secrets = Files.writeString(folder.resolve("secrets.json"), "{\"token\": \"" + canary + "\"}");
        installed("secretive", "--set", "message=public", "--protected-settings", secrets.toString());
        good("run", "m1", "--", "true");
        Path zip = folder.resolve("bundle.zip");
        assertThat(good("machine", "bundle", "m1", "--output-file", zip.toString())
                        .out())
                .contains("Wrote " + zip);
        assertThat(Files.getPosixFilePermissions(zip)).hasSize(2);
        Map<String, String> files = unzipped(zip);
        assertThat(files)
                .containsKeys(
                        "machine/doctor.txt",
                        "machine/log/agent.log",
                        "machine/journal.txt",
                        "control-plane/doctor.txt",
                        "control-plane/status.json",
                        "control-plane/machine.json",
                        "control-plane/installations.json",
                        "control-plane/removals.json",
                        "control-plane/commands.json",
                        "control-plane/audit.txt",
                        "control-plane/server.log");
        assertThat(files.get("control-plane/installations.json"))
                .contains("secretive", "settingNames", "message")
                .doesNotContain("\"settings\"");
        assertThat(files.get("control-plane/audit.txt")).contains("installation.put", "default/m1/secretive");
        assertThat(files.get("control-plane/commands.json")).contains("exited");
        String token = Files.readString(plane.home.resolve("admin.token")).strip();
        files.forEach(
                (name, text) -> assertThat(text).as(name).doesNotContain(canary).doesNotContain(token));
    }

    @Test
    void fromAMachineThatIsAwayThereIsOneEnd() throws Exception {
        absent("gone");
        Path zip = folder.resolve("gone.zip");
        assertThat(good("machine", "bundle", "gone", "--output-file", zip.toString())
                        .out())
                .contains("Only the control plane's end is in it");
        assertThat(unzipped(zip))
                .containsKey("control-plane/machine.json")
                .containsKey("control-plane/left-out.txt")
                .doesNotContainKey("machine/doctor.txt");
        refused(vmext("machine", "bundle", "gone", "--output-file", "/nosuch/b.zip"), 2, "file-unreadable", "/nosuch");
        refused(vmext("machine", "bundle", "nosuch"), 3, "machine-not-found", "nosuch");
    }

    @Test
    void onTheMachineItselfTheSameCanBeAsked() throws Exception {
        installed("here");
        assertThat(agent(guest, Map.of(), "status").out()).contains("connected to", "here  vmext.Fake 1.0.0");
        assertThat(agent(guest, Map.of(), "doctor").out()).contains("gateway-tls", "journal");
        Path zip = folder.resolve("here.zip");
        Product.Said made = agent(guest, Map.of(), "bundle", zip.toString());
        assertThat(made.exit()).as(made.all()).isZero();
        assertThat(unzipped(zip)).containsKeys("doctor.txt", "log/agent.log");
        Product.Said nowhere = agent(guest, Map.of(), "bundle", "/nosuch/here.zip");
        assertThat(nowhere.exit()).isEqualTo(2);
        assertThat(nowhere.err()).contains("there is no folder /nosuch");
        assertThat(Path.of("/nosuch")).doesNotExist();
        Path link = Files.createSymbolicLink(folder.resolve("link.zip"), folder.resolve("behind"));
        Product.Said linked = agent(guest, Map.of(), "bundle", link.toString());
        assertThat(linked.exit()).isNotZero();
        assertThat(linked.err()).contains(link.toString()).contains("it is a symbolic link");
        assertThat(link).isSymbolicLink();
        assertThat(folder.resolve("behind")).doesNotExist();
        assertThat(agent(guest, Map.of(), "dance").exit()).isEqualTo(2);
        assertThat(agent(guest, Map.of(), "version").out()).isNotBlank();
    }

    @Test
    void anAgentThatDoesNotRunIsExaminedAllTheSame() throws Exception {
        Guest still = another("still", "full");
        still.killNine();
        Product.Said said = agent(still, Map.of(), "doctor");
        assertThat(said.exit()).isEqualTo(1);
        assertThat(said.out()).contains("FAIL   agent");
        assertThat(agent(still, Map.of(), "status").exit()).isEqualTo(5);
        still.startAgain();
        still.awaitOnline();
    }

    @Test
    void enrollSaysWhatIsWrong() throws Exception {
        JsonNode enrolment = Guest.ask(plane, "second", "full");
        Path root = folder.resolve("machine-second");
        Guest.write(enrolment, root);
        String gateway = "127.0.0.1:" + plane.gatewayPort();
        JsonNode config = Api.JSON.readTree(Files.readString(root.resolve("etc/vmext/agent.json")));
        String authority = config.path("caDigest").asText();
        Path trust = root.resolve("etc/vmext/trust.json");
        String[] line = {
            Guest.agentHome().resolve("bin/vmext-agent").toString(),
            "--root",
            root.toString(),
            "enroll",
            "--gateway",
            gateway,
            "--ca",
            authority,
            "--trust",
            trust.toString()
        };
        Product.Said none = Product.run(folder, "", 60, Map.of("VMEXT_TOKEN", ""), List.of(line));
        assertThat(none.exit()).isEqualTo(2);
        assertThat(none.err()).contains("VMEXT_TOKEN");
        Product.Said wrong = Product.run(folder, "", 60, Map.of("VMEXT_TOKEN", "nonsense"), List.of(line));
        assertThat(wrong.exit()).as(wrong.all()).isNotZero();
        assertThat(wrong.err()).contains("cannot enrol").contains("enroll-command");
        assertThat(wrong.all()).doesNotContain("\tat ");
    }

    @Test
    void aRehearsalWithoutAPackageIsExplained() throws Exception {
        Product.Said said = Product.run(
                folder,
                "",
                60,
                Map.of(),
                List.of(Guest.agentHome().resolve("bin/vmext-agent").toString(), "rehearse"));
        assertThat(said.exit()).isEqualTo(2);
        assertThat(said.err()).contains("--package");
    }
}
