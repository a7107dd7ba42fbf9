package dev.vmext.extensionkit.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RealProgramsTest extends ProgramsContract {
    @Override
    Programs programs() {
        return new RealPrograms();
    }

    private static Programs.Result run(Duration timeout, String input, String... command) {
        return new RealPrograms().run(timeout, input, List.of(command));
    }

    @Test
    void givesInputAndReturnsBothOutputsAndTheExitCode() {
        assertThat(run(Duration.ofMinutes(1), "rules\n", "/bin/sh", "-c", "cat; echo oh >&2; exit 3"))
                .isEqualTo(new Programs.Result(3, "rules\noh\n"));
    }

    @Test
    void packagesAskNothingAndDebiansSudoLetsItselfBeTakenAway() {
        assertThat(run(Duration.ofMinutes(1), "", "/usr/bin/env").output())
                .contains("DEBIAN_FRONTEND=noninteractive\n", "SUDO_FORCE_REMOVE=yes\n");
    }

    @Test
    void aMissingProgramEndsWith127() {
        assertThat(run(Duration.ofMinutes(1), "", "/no/such/program").exitCode())
                .isEqualTo(127);
    }

    @Test
    void aProgramThatTakesTooLongEndsWith124() {
        assertThat(run(Duration.ofMillis(100), "", "/bin/sh", "-c", "sleep 600; :")
                        .exitCode())
                .isEqualTo(124);
    }

    @Test
    void aServiceThatAProgramStartsDoesNotKeepItWaiting() {
        Programs.Result result = run(Duration.ofMinutes(1), "", "/bin/sh", "-c", "sleep 60 & echo $!");
        assertThat(result.exitCode()).isZero();
        ProcessHandle.of(Long.parseLong(result.output().strip())).ifPresent(ProcessHandle::destroyForcibly);
    }

    @Test
    void aProgramThatDoesNotReadItsInputIsNoFailure() {
        assertThat(run(Duration.ofMinutes(1), "x".repeat(1_000_000), "/bin/true")
                        .exitCode())
                .isZero();
    }

    @Test
    void keepsOnlyTheEndOfTheOutput() {
        Programs.Result result = run(Duration.ofMinutes(1), "", "/bin/sh", "-c", "seq 1 200000");
        assertThat(result.output()).endsWith("200000\n").hasSizeLessThanOrEqualTo(1024 * 1024);
        assertThat(result.lastLines()).isEqualTo("199998 / 199999 / 200000");
    }
}
