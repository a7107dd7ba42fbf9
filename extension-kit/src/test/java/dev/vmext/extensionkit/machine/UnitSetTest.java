package dev.vmext.extensionkit.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.machine.testing.FakePrograms;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UnitSetTest {
    private static final Map<String, String> FILES = Map.of(
            "my-ext-daily.timer",
            "[Timer]\n",
            "my-ext-daily.service",
            "[Service]\n",
            "my-ext-at@.service",
            "[Service]\n");

    @TempDir
    private Path folder;

    private final FakePrograms programs = new FakePrograms();
    private UnitSet units;

    @BeforeEach
    void aMachineWithUnitsOfOthers() throws Exception {
        units = new UnitSet(programs, folder, "my-ext", Duration.ofMinutes(1));
        programs.answer("systemctl", "");
        Files.writeString(folder.resolve("my-extra.service"), "of somebody else");
        Files.writeString(folder.resolve("ssh.service"), "of somebody else");
    }

    @Test
    void oneReloadForAllFilesAndOneCallToEnableThem() throws Exception {
        assertThat(units.replace(FILES, List.of("my-ext-daily.timer"), List.of()))
                .containsExactlyInAnyOrderElementsOf(FILES.keySet());
        assertThat(programs.texts())
                .containsExactly(
                        "systemctl daemon-reload",
                        "systemctl enable my-ext-daily.timer",
                        "systemctl restart my-ext-daily.timer");
        assertThat(units.read()).isEqualTo(FILES);
        programs.forgetCalls();
        assertThat(units.replace(FILES, List.of("my-ext-daily.timer"), List.of()))
                .isEmpty();
        assertThat(programs.texts())
                .as("nothing changed, so nothing is restarted")
                .containsExactly("systemctl enable my-ext-daily.timer", "systemctl start my-ext-daily.timer");
    }

    @Test
    void whatIsNotWantedAnyMoreIsStoppedAndDeletedAndNothingOfOthers() throws Exception {
        units.replace(FILES, List.of("my-ext-daily.timer"), List.of());
        programs.forgetCalls();
        units.replace(Map.of(), List.of(), List.of());
        assertThat(programs.texts())
                .as("timers before what they start; a template has only its instances to stop")
                .containsExactly(
                        "systemctl disable my-ext-daily.service my-ext-daily.timer",
                        "systemctl stop my-ext-daily.timer",
                        "systemctl stop my-ext-at@*.service my-ext-daily.service",
                        "systemctl clean --what=state my-ext-daily.timer",
                        "systemctl daemon-reload");
        assertThat(folder)
                .isDirectoryNotContaining(f -> f.getFileName().toString().startsWith("my-ext-"));
        assertThat(folder.resolve("my-extra.service")).exists();
        assertThat(folder.resolve("ssh.service")).exists();
    }

    @Test
    void aUnitWhoseConfigurationChangedIsRestartedWhereItIsWanted() throws Exception {
        units.replace(FILES, List.of("my-ext-daily.timer"), List.of());
        programs.forgetCalls();
        units.replace(FILES, List.of("my-ext-daily.timer"), List.of("my-ext-daily.timer", "my-ext-gone.service"));
        assertThat(programs.texts())
                .containsExactly("systemctl enable my-ext-daily.timer", "systemctl restart my-ext-daily.timer");
    }

    @Test
    void removesEverythingOnceAndMayBeAskedAgain() throws Exception {
        units.replace(FILES, List.of("my-ext-daily.timer"), List.of());
        units.remove();
        assertThat(programs.texts()).endsWith("systemctl daemon-reload", "systemctl reset-failed my-ext-*");
        programs.forgetCalls();
        units.remove();
        assertThat(programs.texts()).isEmpty();
    }

    @Test
    void aCalendarThatSystemdDoesNotKnowIsRefusedWithItsWords() {
        programs.answer("systemd-analyze calendar -- often", 1, "Failed to parse calendar specification 'often'\n");
        assertThatThrownBy(() -> units.checkCalendar("scans[0].calendar", "often"))
                .isInstanceOf(HandlerException.class)
                .hasMessageContaining("settings.scans[0].calendar")
                .hasMessageContaining("Failed to parse");
    }

    @Test
    void systemdsOwnWordsAreTheReason() {
        programs.answer("systemctl mask", 1, "Access denied\n");
        assertThatThrownBy(() -> units.mask(List.of("a.service")))
                .hasMessage("cannot mask [a.service]: systemctl ended with 1: Access denied");
    }

    @Test
    void whetherAOneshotUnitWentWellIsAnAnswerNotAnError() {
        programs.answer("systemctl start my-ext-daily.service", 1, "failed");
        assertThat(units.run("my-ext-daily.service")).isFalse();
        units.begin("my-ext-other.service");
        assertThat(programs.texts()).endsWith("systemctl start --no-block my-ext-other.service");
    }

    @Test
    void aRunThatIsUnderWayIsFollowedByOneOfItsOwn() {
        programs.answer("systemctl show", 0, "activating\n");
        assertThat(units.run("my-ext-daily.service")).isTrue();
        assertThat(programs.texts())
                .filteredOn(text -> text.equals("systemctl start my-ext-daily.service"))
                .hasSize(2);
    }

    @Test
    void aPrefixThatWouldTakeUnitsOfOthersIsRefused() {
        assertThatThrownBy(() -> new UnitSet(programs, folder, "", Duration.ofMinutes(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new UnitSet(programs, folder, "*", Duration.ofMinutes(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
