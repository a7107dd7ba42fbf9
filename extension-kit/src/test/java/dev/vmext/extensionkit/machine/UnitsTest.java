package dev.vmext.extensionkit.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.machine.testing.FakePrograms;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UnitsTest {
    @TempDir
    private Path folder;

    private final FakePrograms programs = new FakePrograms();

    private Units units() {
        return new Units(programs, folder.resolve("system"));
    }

    @Test
    void makesSystemdReadAUnitOnlyWhenItChanged() throws Exception {
        programs.answer("systemctl daemon-reload", "");
        assertThat(units().write("a.timer", "[Timer]\n")).isTrue();
        assertThat(units().write("a.timer", "[Timer]\n")).isFalse();
        assertThat(programs.texts()).containsExactly("systemctl daemon-reload");
        assertThat(folder.resolve("system/a.timer")).hasContent("[Timer]\n");
        assertThat(Files.getPosixFilePermissions(folder.resolve("system/a.timer")))
                .hasSize(4);
    }

    @Test
    void removesAUnitOnceAndMayBeAskedAgain() throws Exception {
        programs.answer("systemctl", "");
        units().write("a.service", "[Service]\n");
        programs.forgetCalls();
        units().remove("a.service");
        units().remove("a.service");
        assertThat(programs.texts())
                .containsExactly(
                        "systemctl disable --now a.service",
                        "systemctl daemon-reload",
                        "systemctl reset-failed a.service");
        assertThat(folder.resolve("system/a.service")).doesNotExist();
    }

    @Test
    void manyUnitsAreReadOnceAndStoppedInOneStep() throws Exception {
        programs.answer("systemctl", "");
        Map<String, String> texts = Map.of("a.timer", "[Timer]\n", "b@.service", "[Service]\n");
        assertThat(units().write(texts)).isTrue();
        assertThat(units().write(texts)).isFalse();
        units().enable("a.timer", "c.socket");
        units().remove(List.of("a.timer", "b@.service", "gone.service"));
        units().remove(List.of("a.timer", "b@.service", "gone.service"));
        assertThat(programs.texts())
                .containsExactly(
                        "systemctl daemon-reload",
                        "systemctl enable a.timer c.socket",
                        "systemctl disable --now a.timer",
                        "systemctl clean --what=state a.timer",
                        "systemctl daemon-reload",
                        "systemctl reset-failed a.timer b@.service");
        assertThat(folder.resolve("system")).isEmptyDirectory();
        assertThatThrownBy(() -> units().write(Map.of("../a.timer", ""))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> units().enable("a.timer", "--root=/")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void changesAUnitOfSomebodyElseAndTakesTheChangeBack() throws Exception {
        programs.answer("systemctl daemon-reload", "");
        assertThat(units().writeDropIn("clamav.service", "vmext", "[Service]\nMemoryMax=1G\n"))
                .isTrue();
        assertThat(folder.resolve("system/clamav.service.d/vmext.conf"))
                .content()
                .contains("MemoryMax");
        assertThat(units().removeDropIn("clamav.service", "vmext")).isTrue();
        assertThat(units().removeDropIn("clamav.service", "vmext")).isFalse();
        assertThat(folder.resolve("system/clamav.service.d")).doesNotExist();
    }

    @Test
    void saysWhatSystemctlSaid() {
        programs.answer("systemctl enable", 1, "Failed to enable unit: Unit a.service is masked.\n");
        assertThatThrownBy(() -> units().enableNow("a.service"))
                .isInstanceOf(HandlerException.class)
                .hasMessage("cannot enable --now a.service: systemctl ended with 1: "
                        + "Failed to enable unit: Unit a.service is masked.");
    }

    @Test
    void disablingAUnitThatIsNotThereIsFineAndOneThatStaysIsNot() {
        programs.answer("systemctl disable", 1, "Unit file a.service does not exist.\n")
                .answer("systemctl cat", 1, "");
        units().disableNow("a.service");
        programs.answer("systemctl cat", "[Service]\n");
        assertThatThrownBy(() -> units().disableNow("a.service")).hasMessageContaining("cannot disable a.service");
    }

    @Test
    void knowsStates() {
        programs.answer("systemctl is-active a.service", "active\n")
                .answer("systemctl is-active b.service", 3, "failed\n")
                .answer("systemctl is-active c.service", 3, "activating\n")
                .answer("systemctl is-active d.service", 4, "inactive\n");
        assertThat(units().state("a.service")).isEqualTo(Units.State.ACTIVE);
        assertThat(units().state("b.service")).isEqualTo(Units.State.FAILED);
        assertThat(units().state("c.service")).isEqualTo(Units.State.CHANGING);
        assertThat(units().state("d.service")).isEqualTo(Units.State.INACTIVE);
    }

    @Test
    void knowsAMachineWithoutSystemd() {
        programs.answer("systemctl is-system-running", 1, "degraded\n");
        assertThat(units().available()).isTrue();
        programs.answer("systemctl is-system-running", 1, "offline\n");
        assertThat(units().available()).isFalse();
        programs.withoutProgram("systemctl");
        assertThat(units().available()).isFalse();
        assertThatThrownBy(() -> units().restart("a.service")).hasMessageContaining("there is no systemctl");
    }

    @Test
    void aNameIsNeitherAPathNorAnOption() {
        for (String name : new String[] {"../a.service", "--root=/", "a", "a.service\n", "a/b.service", ""}) {
            assertThatThrownBy(() -> units().state(name)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(programs.calls()).isEmpty();
    }
}
