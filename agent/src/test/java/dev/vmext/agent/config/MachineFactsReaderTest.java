package dev.vmext.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MachineFactsReaderTest {
    @Test
    void tellsByHowMuchDeadlinesAreLongerUnlessTheyAreNot() {
        assertThat(MachineFactsReader.read("1", "full", "amd64", 3)).containsEntry("deadlineStretch", "3");
        assertThat(MachineFactsReader.read("1", "full", "amd64", 0.25)).containsEntry("deadlineStretch", "0.25");
        assertThat(MachineFactsReader.read("1", "full", "amd64", 1))
                .doesNotContainKey("deadlineStretch")
                .isEqualTo(MachineFactsReader.read("1", "full", "amd64"));
    }
}
