package dev.vmext.protocol.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommandPayloadTest {
    private static CommandStart start(String id, String interpreter, String user) {
        return new CommandStart(
                id, "echo\n", interpreter, user, "/tmp", Duration.ofMinutes(1), Duration.ofHours(1), 4096);
    }

    @Test
    void everyPayloadComesBackAsItWas() {
        CommandStart start = start("c-1", "/usr/bin/python3", "www-data");
        assertThat(CommandStart.decode(start.encode())).isEqualTo(start);
        CommandMark mark = new CommandMark("c-1");
        assertThat(CommandMark.decode(mark.encode())).isEqualTo(mark);
        CommandPosition position = new CommandPosition("c-1", 3, 5_000_000_000L, true);
        assertThat(CommandPosition.decode(position.encode())).isEqualTo(position);
        CommandOutput output =
                new CommandOutput("c-1", CommandStream.ERR, 7, Bytes.of(new byte[CommandOutput.MAX_DATA]));
        assertThat(CommandOutput.decode(output.encode())).isEqualTo(output);
        CommandExit exit = new CommandExit(
                "c-1",
                CommandState.TIMED_OUT,
                null,
                1,
                2,
                true,
                new Cause(CauseClass.TIMEOUT, "run", "m", "h", Map.of("k", "v")));
        assertThat(CommandExit.decode(exit.encode())).isEqualTo(exit);
    }

    @Test
    void refusesWhatWouldLeaveItsFolderOrItsWord() {
        for (String id : new String[] {"../x", "a/b", "", "a b", "x".repeat(65)}) {
            refused("{\"id\":\"" + id + "\",\"script\":\"x\",\"timeout\":1,\"expires\":1,\"maxOutput\":1}");
        }
        refused("{\"id\":\"a\",\"script\":\"x\",\"timeout\":1,\"expires\":1,\"maxOutput\":1,\"user\":\"a b\"}");
        refused(
                "{\"id\":\"a\",\"script\":\"x\",\"timeout\":1,\"expires\":1,\"maxOutput\":1,\"interpreter\":\"/a';x\"}");
        refused("{\"id\":\"a\",\"script\":\"x\",\"timeout\":100000,\"expires\":1,\"maxOutput\":1}");
        refused("{\"id\":\"a\",\"timeout\":1,\"expires\":1,\"maxOutput\":1}");
    }

    private static void refused(String json) {
        assertThatThrownBy(() -> CommandStart.decode(json.getBytes(StandardCharsets.UTF_8)))
                .as(json)
                .isInstanceOf(ProblemException.class);
    }

    @Test
    void theScriptIsInNoLogLine() {
        assertThat(start("c-1", "/bin/sh", "root").toString()).doesNotContain("echo");
    }
}
