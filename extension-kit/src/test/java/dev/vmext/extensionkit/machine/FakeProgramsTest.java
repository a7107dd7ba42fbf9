package dev.vmext.extensionkit.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.extensionkit.machine.testing.FakePrograms;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FakeProgramsTest extends ProgramsContract {
    @Override
    Programs programs() {
        return new FakePrograms()
                .answer("cat", call -> new Programs.Result(0, call.input()))
                .answer("false", 1, "")
                .withoutProgram("vmext-no-such");
    }

    @Test
    void refusesWhatNobodyForesaw() {
        FakePrograms programs = new FakePrograms().answer("systemctl enable", "");
        assertThatThrownBy(() -> programs.run(Duration.ZERO, "", List.of("systemctl", "stop", "a.service")))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("systemctl stop a.service");
    }

    @Test
    void theNewestAnswerThatFitsDecidesAndCallsAreKept() {
        FakePrograms programs = new FakePrograms().answer("nft", 1, "old").answer("nft -c", "checked");
        assertThat(programs.run(Duration.ZERO, "rules", List.of("/usr/sbin/nft", "-c", "-f", "-"))
                        .output())
                .isEqualTo("checked");
        assertThat(programs.run(Duration.ZERO, "", List.of("nft", "list")).output())
                .isEqualTo("old");
        assertThat(programs.texts()).containsExactly("nft -c -f -", "nft list");
        assertThat(programs.calls().getFirst().input()).isEqualTo("rules");
    }
}
