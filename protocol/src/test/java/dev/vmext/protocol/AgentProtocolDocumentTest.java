package dev.vmext.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.protocol.exec.CommandOutput;
import dev.vmext.protocol.exec.CommandState;
import dev.vmext.protocol.goal.GoalStateCodec;
import dev.vmext.protocol.opamp.AgentCapabilities;
import dev.vmext.protocol.opamp.MessageLimits;
import dev.vmext.protocol.opamp.ServerCapabilities;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.StatusReportCodec;
import dev.vmext.protocol.status.StatusWord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Holds docs/reference/agent-protocol.md against the code: whoever adds a word or moves a limit is sent to the document. */
class AgentProtocolDocumentTest {
    private String document = "";

    @BeforeEach
    void read() throws IOException {
        document = Files.readString(Path.of("..", "docs", "reference", "agent-protocol.md"));
    }

    @Test
    void namesEveryWord() {
        for (InstallationState state : InstallationState.values()) {
            assertThat(document).contains("`" + state.wire() + "`");
        }
        for (CauseClass cause : CauseClass.values()) {
            assertThat(document).contains("`" + cause.wire() + "`");
        }
        for (StatusWord word : StatusWord.values()) {
            assertThat(document).contains("`" + word.wire() + "`");
        }
    }

    @Test
    void namesHowACommandCanEnd() {
        for (CommandState state : CommandState.values()) {
            if (state.terminal() && state != CommandState.EXPIRED) {
                assertThat(document).contains("`" + state.wire() + "`");
            }
        }
        assertThat(document)
                .contains("at most " + (CommandOutput.MAX_DATA >> 10) + " KiB")
                .contains("At most " + (CommandOutput.WINDOW >> 10) + " KiB of output");
    }

    @Test
    void namesEveryCapabilityAndLevel() {
        assertThat(document)
                .contains("`" + CustomCapability.STATUS + "`")
                .contains("`" + CustomCapability.KEYS + "`")
                .contains("`" + CustomCapability.EXEC + "`")
                .contains("`" + CustomCapability.LOGS + "`")
                .contains("`" + CapabilityLevel.ATTRIBUTE + "`")
                .contains("`0x" + Long.toHexString(AgentCapabilities.OURS).toUpperCase(Locale.ROOT) + "`")
                .contains("`0x" + Long.toHexString(ServerCapabilities.OURS).toUpperCase(Locale.ROOT) + "`");
        for (int level = 1; level <= CapabilityLevel.CURRENT; level++) {
            assertThat(document).contains("\n| " + level + " | ");
        }
    }

    @Test
    void namesTheLimits() {
        MessageLimits limits = MessageLimits.STANDARD;
        assertThat(document)
                .contains("decompression | " + (limits.maxMessageBytes() >> 20) + " MiB |")
                .contains("inside messages | " + limits.maxDepth() + " |")
                .contains("all together | " + String.format(Locale.ROOT, "%,d", limits.maxEntries()) + " |")
                .contains("(keys and bodies) | " + (GoalStateCodec.MAX_CONFIG_BYTES >> 20) + " MiB |")
                .contains("in one goal state | " + GoalStateCodec.MAX_INSTALLATIONS + " |")
                .contains("status report | " + (StatusReportCodec.MAX_BYTES >> 10) + " KiB;");
    }
}
