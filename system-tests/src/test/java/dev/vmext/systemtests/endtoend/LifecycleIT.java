package dev.vmext.systemtests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Guest;
import dev.vmext.systemtests.product.Product;
import dev.vmext.systemtests.product.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The real server and the real agent as processes, without a VM. One server for all tests, a fresh machine for each. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("try") // closing a machine waits for its process
class LifecycleIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path folder;

    private ControlPlane plane;
    private Guest guest;
    private Path trace;
    private int number;

    @BeforeAll
    void startTheControlPlane() throws Exception {
        plane = ControlPlane.start(folder.resolve("home"));
        plane.publish(Repository.ROOT.resolve("testkit/src/main/resources/fake-extension"), "1.0.0");
        try (Stream<Path> packages = Files.list(Product.DIST.resolve("extensions"))) {
            for (Path zip : packages.toList()) {
                plane.publishBuilt(zip);
            }
        }
    }

    @AfterAll
    void stopTheControlPlane() throws Exception {
        plane.close();
    }

    @BeforeEach
    void enrolAMachine() throws Exception {
        number++;
        trace = Files.createDirectories(folder.resolve("trace-" + number));
        guest = Guest.enrol(plane, "m" + number, folder.resolve("machine-" + number), "full");
    }

    @AfterEach
    void stopTheMachine() throws Exception {
        guest.close();
    }

    private String fake(String more) {
        return "{\"extension\": \"vmext.Fake\", \"settings\": {\"traceDir\": \"" + trace + "\"" + more + "}}";
    }

    private void install(String name, String body) throws Exception {
        plane.api().put(ControlPlane.path(guest.name, name), body).ok();
    }

    private List<String> calls() throws Exception {
        Path calls = trace.resolve("calls.log");
        return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
    }

    private List<String> begun() throws Exception {
        return calls().stream()
                .filter(line -> line.startsWith("begin "))
                .map(line -> line.substring(6).replaceAll(" version=.*", ""))
                .toList();
    }

    @Test
    void installsOnARunningMachine() throws Exception {
        install("one", fake(", \"message\": \"all is well\""));
        JsonNode view = plane.awaitHealthy(guest.name, "one", SOON);
        assertThat(view.path("state").asText()).isEqualTo("ready");
        assertThat(view.path("status").path("message").asText()).isEqualTo("all is well");
        assertThat(view.path("exitCode").asInt()).isZero();
        assertThat(begun()).containsExactly("install seq=0", "enable seq=0");
    }

    @Test
    void changedSettingsRunTheHandlerAgainWithTheNextSequenceNumber() throws Exception {
        install("one", fake(", \"message\": \"first\""));
        plane.awaitHealthy(guest.name, "one", SOON);
        install("one", fake(", \"message\": \"second\""));
        JsonNode view = plane.awaitHealthy(guest.name, "one", SOON);
        assertThat(view.path("sequence").asLong()).isEqualTo(1);
        assertThat(view.path("status").path("message").asText()).isEqualTo("second");
        assertThat(begun()).containsExactly("install seq=0", "enable seq=0", "enable seq=1");
    }

    @Test
    void theSameSettingsAgainDoNothing() throws Exception {
        install("one", fake(""));
        plane.awaitHealthy(guest.name, "one", SOON);
        install("one", fake(""));
        install("two", fake(""));
        plane.awaitHealthy(guest.name, "two", SOON);
        assertThat(plane.installation(guest.name, "one").path("sequence").asLong())
                .isZero();
        assertThat(calls().stream().filter(line -> line.contains("begin enable") && line.contains("installation=one")))
                .hasSize(1);
    }

    @Test
    void uninstallsAndLeavesNothingBehind() throws Exception {
        install("one", fake(""));
        plane.awaitHealthy(guest.name, "one", SOON);
        plane.api().delete(ControlPlane.path(guest.name, "one")).ok();
        plane.awaitGone(guest.name, "one", SOON);
        assertThat(begun()).containsExactly("install seq=0", "enable seq=0", "disable seq=0", "uninstall seq=0");
        assertThat(guest.handlers().resolve("one")).doesNotExist();
        try (Stream<Path> packages = Files.list(guest.root.resolve("var/lib/vmext/packages"))) {
            assertThat(packages).isEmpty();
        }
    }

    @Test
    void aFailingHandlerIsExplained() throws Exception {
        install("one", fake(", \"enableExit\": 7, \"outputBytes\": 10"));
        JsonNode view = plane.await(guest.name, "one", SOON, "failed");
        assertThat(view.path("healthy").asBoolean()).isFalse();
        JsonNode cause = view.path("cause");
        assertThat(cause.path("kind").asText()).isEqualTo("handler-exit");
        assertThat(cause.path("step").asText()).isEqualTo("enable");
        assertThat(cause.path("message").asText()).contains("7");
        assertThat(cause.path("hint").asText()).isNotBlank();
        assertThat(view.path("output").asText()).contains("xxxxxxxxxx");
    }

    @Test
    void aStatusThatCannotBeReadIsNamedSo() throws Exception {
        install("one", fake(", \"writeStatus\": \"broken\""));
        JsonNode view = plane.await(guest.name, "one", SOON, "failed");
        assertThat(view.path("cause").path("kind").asText()).isEqualTo("status-malformed");
    }

    @Test
    void protectedSettingsReachTheScriptAndNobodyElse() throws Exception {
        Path seen = trace.resolve("seen");
        String secret = "canary-" + System.nanoTime();
        install(
                "script",
                "{\"extension\": \"vmext.CustomScript\", \"settings\": {\"script\": \"echo told me $SECRET; printf %s $SECRET > "
                        + seen + "\"}, \"protectedSettings\": {\"environment\": {\"SECRET\": \"" + secret + "\"}}}");
        JsonNode view = plane.awaitHealthy(guest.name, "script", SOON);
        assertThat(Files.readString(seen)).isEqualTo(secret);
        assertThat(view.toString()).doesNotContain(secret).contains("environment");
        assertThat(guest.log()).doesNotContain(secret);
        assertThat(filesWith(plane.home, secret)).isEmpty();
        assertThat(filesWith(guest.root, secret)).isEmpty();
    }

    /** The script itself may hold a secret only where the handler needs it: nowhere below these folders. */
    private static List<Path> filesWith(Path folder, String text) throws Exception {
        Product.Said said = Product.run(folder, "", 60, Map.of(), List.of("grep", "-rlaF", text, folder.toString()));
        return said.out().lines().map(Path::of).toList();
    }

    @Test
    void anAgentKilledInTheMiddleOfAHandlerContinuesAndRunsItOnce() throws Exception {
        install("one", fake(", \"enableSeconds\": 4"));
        Eventually.until("enable has begun", SOON, this::begun, begun -> begun.contains("enable seq=0"));
        guest.killNine();
        guest.startAgain();
        plane.awaitHealthy(guest.name, "one", SOON);
        assertThat(begun()).containsExactly("install seq=0", "enable seq=0");
        assertThat(calls().getLast()).startsWith("end enable");
    }

    @Test
    void aOneShotScriptIsNotRunTwiceWhenTheAgentIsKilled() throws Exception {
        Path runs = trace.resolve("runs");
        install(
                "job",
                "{\"extension\": \"vmext.CustomScript\", \"settings\": {\"script\": \"echo begin >> " + runs
                        + "; sleep 4; echo end >> " + runs + "\"}}");
        Eventually.until("the script runs", SOON, () -> Files.exists(runs), there -> there);
        guest.killNine();
        guest.startAgain();
        plane.awaitHealthy(guest.name, "job", SOON);
        assertThat(Files.readAllLines(runs)).containsExactly("begin", "end");
    }

    @Test
    void aServerKilledInTheMiddleOfAnInstallationLosesNothing() throws Exception {
        install("one", fake(", \"enableSeconds\": 4"));
        install("two", fake(", \"message\": \"after\""));
        Eventually.until("enable has begun", SOON, this::begun, begun -> begun.contains("enable seq=0"));
        plane.killNine();
        plane.startAgain();
        plane.awaitHealthy(guest.name, "one", SOON);
        plane.awaitHealthy(guest.name, "two", SOON);
        assertThat(calls().stream().filter(line -> line.contains("begin enable") && line.contains("installation=one")))
                .hasSize(1);
    }

    @Test
    void aMachineThatIsOffGetsWhatWasAskedWhenItIsBack() throws Exception {
        guest.killNine();
        install("one", fake(""));
        JsonNode waiting = plane.installation(guest.name, "one");
        assertThat(waiting.path("state").asText()).isEqualTo("waiting-machine");
        assertThat(waiting.path("cause").path("kind").asText()).isEqualTo("machine-offline");
        guest.startAgain();
        plane.awaitHealthy(guest.name, "one", SOON);
    }

    @Test
    void aPackageThatWasChangedOnTheServerIsRefusedOnTheMachine() throws Exception {
        Path changed = copyOfFake("vmext.Tampered");
        plane.publish(changed, "1.0.0");
        String digest = plane.api()
                .get("/v1/extensions/vmext.Tampered")
                .ok()
                .path("versions")
                .path(0)
                .path("digest")
                .asText();
        Path blob = plane.blob(digest);
        byte[] bytes = Files.readAllBytes(blob);
        bytes[bytes.length / 2] ^= 1;
        Files.write(blob, bytes, StandardOpenOption.TRUNCATE_EXISTING);
        install("evil", "{\"extension\": \"vmext.Tampered\", \"settings\": {\"traceDir\": \"" + trace + "\"}}");
        JsonNode view = plane.await(guest.name, "evil", SOON, "failed");
        assertThat(view.path("cause").path("kind").asText()).isIn("package", "signature");
        assertThat(view.path("cause").path("message").asText()).contains("vmext.Tampered");
        assertThat(calls()).isEmpty();
    }

    @Test
    void aPublisherTheOwnerDoesNotTrustIsRefusedOnTheMachineWhateverTheServerSays() throws Exception {
        Path trust = guest.root.resolve("etc/vmext/trust.json");
        String other = "ed25519:" + "A".repeat(42) + "E=";
        Files.writeString(
                trust,
                "{\"version\": 1, \"mode\": \"full\", \"publishers\": [{\"namespace\": \"vmext\", \"keys\": [\"" + other
                        + "\"]}]}");
        guest.killNine();
        guest.startAgain();
        install("one", fake(""));
        JsonNode view = plane.await(guest.name, "one", SOON, "failed");
        assertThat(view.path("cause").path("kind").asText()).isEqualTo("trust");
        assertThat(view.path("cause").path("message").asText()).contains("trust.json");
        assertThat(calls()).isEmpty();
    }

    @Test
    void aMachineInModeNoScriptsRefusesAScriptExtension() throws Exception {
        try (Guest careful = Guest.enrol(plane, "careful", folder.resolve("careful"), "no-scripts")) {
            Path seen = trace.resolve("seen");
            plane.api()
                    .put(
                            ControlPlane.path(careful.name, "script"),
                            "{\"extension\": \"vmext.CustomScript\", \"settings\": {\"script\": \"touch " + seen
                                    + "\"}}")
                    .ok();
            plane.api().put(ControlPlane.path(careful.name, "one"), fake("")).ok();
            JsonNode refused = plane.await(careful.name, "script", SOON, "failed");
            assertThat(refused.path("cause").path("kind").asText()).isEqualTo("trust");
            plane.awaitHealthy(careful.name, "one", SOON);
            assertThat(seen).doesNotExist();
        }
    }

    @Test
    void aTokenEnrolsOneMachineOnce() throws Exception {
        JsonNode enrolment = Guest.ask(plane, "twice", "full");
        Path first = folder.resolve("twice-first");
        Path second = folder.resolve("twice-second");
        Guest.write(enrolment, first);
        Guest.write(enrolment, second);
        Process one = Guest.launch(first);
        try {
            Eventually.until(
                    "the first machine is online",
                    SOON,
                    () -> plane.api().get("/v1/projects/default/machines/twice").body(),
                    view -> view.path("state").asText().equals("online"));
            Process two = Guest.launch(second);
            try {
                Eventually.until(
                        "the second machine is told why not",
                        SOON,
                        () -> Files.readString(second.resolve("agent.out")),
                        log -> log.contains("token-used"));
            } finally {
                two.destroyForcibly().waitFor();
            }
        } finally {
            one.destroyForcibly().waitFor();
        }
    }

    @Test
    void anUpdateRunsTheNewVersionAndKeepsTheSettings() throws Exception {
        Path old = copyOfFake("vmext.Updated");
        plane.publish(old, "1.0.0");
        install("one", "{\"extension\": \"vmext.Updated\", \"settings\": {\"traceDir\": \"" + trace + "\"}}");
        plane.awaitHealthy(guest.name, "one", SOON);
        Path manifest = old.resolve("extension.json");
        Files.writeString(
                manifest, Files.readString(manifest).replace("\"version\": \"1.0.0\"", "\"version\": \"1.1.0\""));
        plane.publish(old, "1.1.0");
        install(
                "one",
                "{\"extension\": \"vmext.Updated\", \"version\": \"1.1\", \"settings\": {\"traceDir\": \"" + trace
                        + "\"}}");
        JsonNode view = plane.awaitHealthy(guest.name, "one", SOON);
        assertThat(view.path("runningVersion").asText()).isEqualTo("1.1.0");
        assertThat(calls().stream()
                        .filter(line -> line.startsWith("begin "))
                        .map(line -> line.replaceAll("begin (\\w+) .*version=(\\S+) .*", "$1 $2")))
                .containsExactly(
                        "install 1.0.0",
                        "enable 1.0.0",
                        "disable 1.0.0",
                        "update 1.1.0",
                        "uninstall 1.0.0",
                        "install 1.1.0",
                        "enable 1.1.0");
    }

    private Path copyOfFake(String name) throws Exception {
        Path copy = folder.resolve("package-" + name);
        Path source = Repository.ROOT.resolve("testkit/src/main/resources/fake-extension");
        Product.Said said =
                Product.run(folder, "", 30, Map.of(), List.of("cp", "-r", source.toString(), copy.toString()));
        assertThat(said.exit()).as(said.all()).isZero();
        for (String file : List.of("extension.json", "HandlerManifest.json")) {
            Path path = copy.resolve(file);
            Files.writeString(path, Files.readString(path).replace("vmext.Fake", name));
        }
        return copy;
    }
}
