package dev.vmext.restore;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of the contract on a machine in a folder. */
final class RestoreTest {
    private static final String FROM = "\"from\": {\"machine\": \"m-2\", \"installation\": \"nightly\"}";
    private static final String BEGIN = "systemctl start --no-block vmext-restore-r1.service";

    @TempDir
    private Path folder;

    private Machine machine;
    private Path state;

    @BeforeEach
    void aMachine() throws Exception {
        machine = new Machine(folder, "r1");
        state = machine.root.resolve("var/lib/vmext-restore/r1");
        machine.report = "@status transitioning 0\nRestoring: beginning\n";
    }

    private int run(String command) {
        return machine.run(new Restore(machine.programs, machine.root), command);
    }

    private int enable(String settings) throws Exception {
        machine.settings(settings);
        return run("enable");
    }

    @Test
    void theUnitReadsTheOtherMachinesRepositoryAndBeginsAgainWithTheMachine() throws Exception {
        assertThat(run("install")).isZero();
        assertThat(enable(FROM + ", \"include\": [\"/etc\"], \"target\": \"/restored/\""))
                .as(machine.standardError.toString(StandardCharsets.UTF_8))
                .isZero();
        assertThat(state.resolve("conf/repository.path")).hasContent("/v1/repositories/m-2/nightly/\n");
        assertThat(state.resolve("conf/values")).content().contains("target /restored\n");
        assertThat(machine.programs.texts())
                .contains("systemctl enable vmext-restore-r1.service")
                .last()
                .isEqualTo(BEGIN);
        assertThat(machine.status()).contains("transitioning").doesNotContain("sesame");
    }

    @Test
    void aRestoreIsDoneOnceForEachSequenceNumber() throws Exception {
        enable(FROM);
        Files.writeString(state.resolve("state"), "state done\n");
        machine.report = "@status success 0\nRestored 3 files\n";
        machine.programs.forgetCalls();
        assertThat(enable(FROM)).isZero();
        assertThat(machine.programs.texts()).doesNotContain(BEGIN);
        assertThat(machine.status()).contains("Restored 3 files");

        machine.variables.put("ConfigSequenceNumber", "1");
        machine.programs.answer("sh", _ -> {
            assertThat(state.resolve("state")).doesNotExist();
            return new dev.vmext.extensionkit.machine.Programs.Result(0, "@status transitioning 0\nbeginning\n");
        });
        assertThat(enable(FROM)).isZero();
        assertThat(machine.programs.texts()).last().isEqualTo(BEGIN);
    }

    @Test
    void uninstallLeavesNothing() throws Exception {
        run("install");
        enable(FROM);
        assertThat(run("disable")).isZero();
        assertThat(run("uninstall")).isZero();
        assertThat(run("uninstall")).as("may be repeated").isZero();
        assertThat(machine.packages).containsExactly("apt", "libc6");
        try (Stream<Path> left = Files.walk(machine.root)) {
            assertThat(left.filter(Files::isRegularFile).filter(f -> !f.startsWith(machine.root.resolve("run/lock"))))
                    .isEmpty();
        }
    }
}
