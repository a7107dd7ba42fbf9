package dev.vmext.extensionkit.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What handlers rely on, of real and of scripted programs. */
abstract class ProgramsContract {
    /** Programs among which {@code cat} repeats its input, {@code false} ends with 1 and {@code vmext-no-such} is missing. */
    abstract Programs programs();

    private Programs.Result run(String input, String... command) {
        return programs().run(Duration.ofMinutes(1), input, List.of(command));
    }

    @Test
    void givesTheInputAndReturnsTheOutput() {
        assertThat(run("one\ntwo\n", "cat")).isEqualTo(new Programs.Result(0, "one\ntwo\n"));
    }

    @Test
    void returnsTheExitCode() {
        Programs.Result result = run("", "false");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.ok()).isFalse();
        assertThat(result.isMissing()).isFalse();
    }

    @Test
    void aMissingProgramIsNoException() {
        Programs.Result result = run("", "vmext-no-such", "--help");
        assertThat(result.isMissing()).isTrue();
        assertThat(result.lastLines()).contains("No such file");
    }
}
