package dev.vmext.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every implementation of {@link Processes} keeps; one subclass per implementation. */
abstract class ProcessesContract {
    static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    Path temp;

    abstract Processes processes() throws Exception;

    Path runFolder(String name) throws Exception {
        return Files.createDirectories(temp.resolve(name));
    }

    CommandLine command(String name, String text) throws Exception {
        return new CommandLine(runFolder(name), temp, text, Map.of("PATH", "/usr/bin:/bin", "GIVEN", "yes"));
    }

    @Test
    void tellsTheExitCode() throws Exception {
        assertThat(processes().start(command("a", "exit 3")).await(LONG)).contains(new Outcome.Exited(3));
    }

    @Test
    void keepsTheOutput() throws Exception {
        CommandLine command = command("a", "echo hello");
        assertThat(processes().start(command).await(LONG)).contains(new Outcome.Exited(0));
        assertThat(OutputFile.tail(command.runFolder().resolve("output"), 100)).isEqualTo("hello\n");
    }

    @Test
    void findsAnEndedCommandAgain() throws Exception {
        Processes processes = processes();
        CommandLine command = command("a", "exit 3");
        assertThat(processes.start(command).await(LONG)).isPresent();
        assertThat(processes.attach(command.runFolder()).await(LONG)).contains(new Outcome.Exited(3));
    }

    @Test
    void saysThatACommandStillRuns() throws Exception {
        RunningCommand running = processes().start(command("a", "sleep 1000"));
        assertThat(running.await(Duration.ofMillis(50))).isEmpty();
        running.kill();
        // Until its last helper has written its last file.
        assertThat(running.await(LONG)).isPresent();
    }

    @Test
    void killsARunningCommandThatWasFoundAgain() throws Exception {
        Processes processes = processes();
        CommandLine command = command("a", "sleep 1000");
        RunningCommand first = processes.start(command);
        // On a busy host it takes its time to begin; what has not begun would be given up, not killed.
        do {
            assertThat(first.await(Duration.ofMillis(50))).isEmpty();
        } while (first.pid() == 0);
        RunningCommand again = processes.attach(command.runFolder());
        again.kill();
        assertThat(again.await(LONG)).get().isInstanceOf(Outcome.Vanished.class);
        assertThat(first.await(LONG)).get().isInstanceOf(Outcome.Vanished.class);
    }

    @Test
    void aCommandThatNeverStartedNeverWill() throws Exception {
        Processes processes = processes();
        RunningCommand lost = processes.attach(runFolder("a"));
        assertThat(lost.await(LONG)).contains(new Outcome.NotStarted());
        assertThat(processes.attach(runFolder("a")).await(LONG)).contains(new Outcome.NotStarted());
    }
}
