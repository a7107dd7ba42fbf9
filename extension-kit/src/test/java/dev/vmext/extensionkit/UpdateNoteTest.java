package dev.vmext.extensionkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UpdateNoteTest {
    @TempDir
    private Path folder;

    private final Map<String, String> variables = new HashMap<>();
    private boolean isUpdate;

    /** A handler that leaves the note at update and looks for it at uninstall. */
    private final class Noting implements Handler {
        private final UpdateNote note = new UpdateNote(folder.resolve("state"));

        @Override
        public Status enable(HandlerContext context) {
            return Status.success("");
        }

        @Override
        public void update(HandlerContext context) {
            try {
                note.leave(context);
            } catch (java.io.IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void uninstall(HandlerContext context) {
            try {
                isUpdate = note.isFor(context);
            } catch (java.io.IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @BeforeEach
    void layOutTheContractsFolders() throws Exception {
        for (String name : List.of("config", "status", "log")) {
            Files.createDirectories(folder.resolve(name));
        }
        Files.writeString(folder.resolve("HandlerEnvironment.json"), """
                [{"name": "my.Ext", "version": 1.0, "handlerEnvironment": {"logFolder": "%1$s/log", "configFolder": "%1$s/config", \
                "statusFolder": "%1$s/status", "heartbeatFile": "%1$s/heartbeat.log"}}]""".formatted(folder));
    }

    private boolean uninstallIsUpdate(String version) {
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", version);
        run("uninstall");
        return isUpdate;
    }

    private void run(String command) {
        PrintStream err = new PrintStream(PrintStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        InstantSource clock = InstantSource.fixed(Instant.EPOCH);
        int exit = new HandlerRun(new Noting(), new HandlerRun.Surroundings(variables, folder, 42, clock, err))
                .run(List.of(command));
        assertThat(exit).isZero();
    }

    @Test
    void withoutANoteAnUninstallIsForGood() {
        assertThat(uninstallIsUpdate("1.0.0")).isFalse();
    }

    @Test
    void theVersionThatGoesKnowsThatAnotherComes() {
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "2.0.0");
        variables.put("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", "1.0.0");
        variables.put("VERSION", "2.0.0");
        run("update");
        assertThat(uninstallIsUpdate("1.0.0")).isTrue();
        assertThat(uninstallIsUpdate("2.0.0"))
                .as("a leftover of an update that failed")
                .isFalse();
    }

    @Test
    void onTheWayBackTheNewerVersionKnowsThatAnotherComes() {
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "2.0.0");
        variables.put("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", "1.0.0");
        variables.put("VERSION", "1.0.0");
        run("update");
        assertThat(uninstallIsUpdate("2.0.0")).isTrue();
        assertThat(uninstallIsUpdate("1.0.0"))
                .as("a leftover of a way back that failed")
                .isFalse();
    }

    @Test
    void anAgentThatDoesNotTellVersionsIsBelieved() {
        run("update");
        assertThat(uninstallIsUpdate("1.0.0")).isTrue();
    }
}
