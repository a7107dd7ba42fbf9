package dev.vmext.systemtests.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Guest;
import dev.vmext.systemtests.product.Product;
import dev.vmext.systemtests.product.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A handler in Python that leans on the contract as the public ones do: it is named by manifest.xml alone, its files carry no executable
 * bit, it reads HandlerEnvironment.json as text, decrypts with openssl, keeps its own memory of what it did, takes sealed settings out of
 * its file, and leaves a daemon behind that reports later. Needs python3 and openssl, as such handlers do.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("try") // closing server and machine waits for their processes
class PythonHandlerIT {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final String WORD = "a-word-that-nobody-else-uses";

    @TempDir
    static Path folder;

    private ControlPlane plane;
    private Guest guest;
    private Path gate;
    private String firstMessage = "";

    @BeforeAll
    void handlerHasDoneItsWorkOnce() throws Exception {
        plane = ControlPlane.start(folder.resolve("home"));
        plane.publish(Repository.ROOT.resolve("system-tests/src/test/resources/python-habits"), "1.0");
        guest = Guest.enrol(plane, "snake", folder.resolve("machine"), "full");
        gate = folder.resolve("gate");
        Product.Said made = Product.run(folder, "", 30, Map.of(), List.of("mkfifo", gate.toString()));
        assertThat(made.exit()).as(made.all()).isZero();
        install(WORD);
        JsonNode waiting = plane.await("snake", "habits", SOON, "enabling", "failed");
        assertThat(waiting.path("state").asText()).as(waiting + guest.log()).isEqualTo("enabling");
        open();
        plane.awaitHealthy("snake", "habits", SOON);
        firstMessage = message();
    }

    @AfterAll
    void stop() throws Exception {
        guest.close();
        plane.close();
    }

    private void install(String word) throws Exception {
        plane.api()
                .put(
                        ControlPlane.path("snake", "habits"),
                        "{\"extension\": \"vmext.PythonHabits\", \"settings\": {\"gate\": \"" + gate
                                + "\"}, \"protectedSettings\": {\"word\": \"" + word + "\"}}")
                .ok();
    }

    /** Lets the daemon go on: it waits at the other end of the pipe. */
    private void open() throws Exception {
        Files.writeString(gate, "");
    }

    private Path base() {
        return guest.handlers().resolve("habits/vmext.PythonHabits-1.0");
    }

    private String message() throws Exception {
        return plane.installation("snake", "habits")
                .path("status")
                .path("message")
                .asText();
    }

    @Test
    void sealedSettingsReachItAndItsDaemonReportsLater() throws Exception {
        assertThat(firstMessage).isEqualTo("vmext.PythonHabits did 0 with " + WORD.length() + " characters");
    }

    @Test
    void itsShimReadsTheEnvironmentAsText() throws Exception {
        assertThat(Files.readString(guest.root.resolve("var/log/azure/vmext.PythonHabits/shim.log")))
                .contains("shim -c ./habits.py -e");
    }

    @Test
    void itTakesSealedSettingsOutOfItsFile() throws Exception {
        assertThat(Files.readString(base().resolve("config/0.settings"))).contains("*** REDACTED ***");
    }

    @Test
    void closingTheLogsOfAllHandlersToOthersDoesNotDisturbTheAgent() throws Exception {
        install(WORD + "!");
        open();
        plane.awaitHealthy("snake", "habits", SOON);

        assertThat(message()).isEqualTo("vmext.PythonHabits did 1 with " + (WORD.length() + 1) + " characters");
    }
}
