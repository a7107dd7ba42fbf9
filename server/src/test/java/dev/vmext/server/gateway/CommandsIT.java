package dev.vmext.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.api.CommandCreate;
import dev.vmext.protocol.api.CommandView;
import dev.vmext.protocol.exec.CommandExit;
import dev.vmext.protocol.exec.CommandMark;
import dev.vmext.protocol.exec.CommandOutput;
import dev.vmext.protocol.exec.CommandPosition;
import dev.vmext.protocol.exec.CommandStart;
import dev.vmext.protocol.exec.CommandState;
import dev.vmext.protocol.exec.CommandStream;
import dev.vmext.protocol.link.LogPiece;
import dev.vmext.protocol.link.LogRead;
import dev.vmext.protocol.opamp.AgentToServer;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.CustomCapabilities;
import dev.vmext.protocol.opamp.CustomMessage;
import dev.vmext.protocol.opamp.ServerToAgent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Run-once commands over a real link, the agent's part played by the test. */
class CommandsIT {
    @TempDir
    Path home;

    private GatewayFixture plane;

    @BeforeEach
    void start() {
        plane = new GatewayFixture(home);
        plane.polling = polling();
    }

    /** The same tests are run with agents that poll. */
    boolean polling() {
        return false;
    }

    @AfterEach
    void stop() {
        plane.close();
    }

    private ScriptedAgent connected(String machine) throws Exception {
        ScriptedAgent agent = plane.enrolled(machine);
        connect(agent);
        return agent;
    }

    private static void connect(ScriptedAgent agent) throws Exception {
        agent.connectWithCertificate();
        agent.ask(agent.introduction(Map.of("os", "linux"))
                .customCapabilities(new CustomCapabilities(List.of(CustomCapability.EXEC))));
    }

    private CommandView run(String script) {
        return plane.fleet.runCommand(
                GatewayFixture.ADMIN,
                GatewayFixture.PROJECT,
                "web1",
                new CommandCreate(script, null, null, null, 60, 60));
    }

    private CommandView look(String id) {
        return plane.fleet.getCommand(GatewayFixture.PROJECT, "web1", id);
    }

    private static byte @Nullable [] payload(ServerToAgent message, String type) {
        CustomMessage custom = message.customMessage();
        return custom != null
                        && custom.capability().equals(CustomCapability.EXEC)
                        && custom.type().equals(type)
                ? custom.data().toArray()
                : null;
    }

    private static byte[] next(ScriptedAgent agent, String type) throws Exception {
        return agent.next(message -> payload(message, type));
    }

    private static AgentToServer.Builder says(ScriptedAgent agent, String type, byte[] data) {
        return agent.message().customMessage(new CustomMessage(CustomCapability.EXEC, type, Bytes.of(data)));
    }

    private CommandPosition accept(ScriptedAgent agent, String id) throws Exception {
        agent.send(says(agent, CustomCapability.EXEC_ACCEPTED, new CommandMark(id).encode()));
        return CommandPosition.decode(next(agent, CustomCapability.EXEC_RESUME));
    }

    private CommandPosition write(ScriptedAgent agent, String id, long offset, String text) throws Exception {
        agent.send(says(
                agent,
                CustomCapability.EXEC_OUTPUT,
                new CommandOutput(id, CommandStream.OUT, offset, Bytes.ofUtf8(text)).encode()));
        return CommandPosition.decode(next(agent, CustomCapability.EXEC_ACK));
    }

    private String output(String id) throws Exception {
        return new String(plane.outputs.read(id, CommandStream.OUT, 0, 1000), StandardCharsets.UTF_8);
    }

    @Test
    void startsAcceptsStreamsAndEnds() throws Exception {
        ScriptedAgent agent = connected("web1");
        CommandView made = run("echo hello");
        CommandStart start = CommandStart.decode(next(agent, CustomCapability.EXEC_START));
        assertThat(start.id()).isEqualTo(made.id());
        assertThat(start.script()).isEqualTo("echo hello");
        assertThat(start.expires().toSeconds()).isEqualTo(60);
        assertThat(accept(agent, made.id()).out()).isZero();
        assertThat(look(made.id()).state()).isEqualTo("running");
        assertThat(write(agent, made.id(), 0, "hel").out()).isEqualTo(3);
        assertThat(write(agent, made.id(), 0, "hello\n").out())
                .as("twice, then more")
                .isEqualTo(6);
        assertThat(write(agent, made.id(), 100, "x").out()).as("behind a gap").isEqualTo(6);
        agent.send(says(
                agent,
                CustomCapability.EXEC_EXIT,
                new CommandExit(made.id(), CommandState.EXITED, 7, 6, 0, false, null).encode()));
        assertThat(CommandPosition.decode(next(agent, CustomCapability.EXEC_ACK))
                        .ended())
                .isTrue();
        assertThat(look(made.id()).exitCode()).isEqualTo(7);
        assertThat(output(made.id())).isEqualTo("hello\n");
    }

    @Test
    void whatWasAskedForWhileTheMachineWasAwayComesWithTheLinkAndOnceMoreUntilAccepted() throws Exception {
        ScriptedAgent agent = plane.enrolled("web1");
        CommandView made = run("true");
        connect(agent);
        assertThat(CommandStart.decode(next(agent, CustomCapability.EXEC_START)).id())
                .isEqualTo(made.id());
        agent.close();
        connect(agent);
        assertThat(CommandStart.decode(next(agent, CustomCapability.EXEC_START)).id())
                .isEqualTo(made.id());
    }

    @Test
    void aNewLinkGoesOnWhereTheOldOneEnded() throws Exception {
        ScriptedAgent agent = connected("web1");
        CommandView made = run("true");
        next(agent, CustomCapability.EXEC_START);
        accept(agent, made.id());
        write(agent, made.id(), 0, "first");
        agent.close();
        connect(agent);
        CommandPosition from = CommandPosition.decode(next(agent, CustomCapability.EXEC_RESUME));
        assertThat(from.id()).isEqualTo(made.id());
        assertThat(from.out()).isEqualTo(5);
    }

    @Test
    void cancelReachesTheMachine() throws Exception {
        ScriptedAgent agent = connected("web1");
        CommandView made = run("sleep 100");
        next(agent, CustomCapability.EXEC_START);
        accept(agent, made.id());
        plane.fleet.cancelCommand(GatewayFixture.ADMIN, GatewayFixture.PROJECT, "web1", made.id());
        assertThat(CommandMark.decode(next(agent, CustomCapability.EXEC_CANCEL)).id())
                .isEqualTo(made.id());
    }

    @Test
    void aMachineCannotWriteIntoTheOutputOfAnother() throws Exception {
        ScriptedAgent agent = connected("web1");
        ScriptedAgent thief = connected("web2");
        CommandView made = run("true");
        next(agent, CustomCapability.EXEC_START);
        accept(agent, made.id());
        thief.send(says(
                thief,
                CustomCapability.EXEC_OUTPUT,
                new CommandOutput(made.id(), CommandStream.OUT, 0, Bytes.ofUtf8("lies")).encode()));
        assertThat(CommandMark.decode(next(thief, CustomCapability.EXEC_CANCEL)).id())
                .isEqualTo(made.id());
        thief.send(says(
                thief,
                CustomCapability.EXEC_EXIT,
                new CommandExit(made.id(), CommandState.EXITED, 0, 0, 0, false, null).encode()));
        next(thief, CustomCapability.EXEC_ACK);
        assertThat(output(made.id())).isEmpty();
        assertThat(look(made.id()).state()).isEqualTo("running");
    }

    @Test
    void anAgentThatCannotRunCommandsIsNotAsked() throws Exception {
        ScriptedAgent agent = plane.connected("web1");
        CommandView made = run("true");
        while (look(made.id()).state().equals("waiting-machine")) {
            agent.ask(agent.message());
        }
        assertThat(look(made.id()).state()).isEqualTo("refused");
    }

    @Test
    void aLogIsReadOnFromItsCursor() throws Exception {
        ScriptedAgent agent = plane.enrolled("web1");
        agent.connectWithCertificate();
        agent.ask(agent.introduction(Map.of("os", "linux"))
                .customCapabilities(new CustomCapabilities(List.of(CustomCapability.LOG_FILES))));
        String machineId =
                plane.fleet.machineRecord(GatewayFixture.PROJECT, "web1").id();
        CompletableFuture<LogPiece> asked = plane.sessions.readLog(machineId, "site", "here", 100);
        CustomMessage question = agent.next(ServerToAgent::customMessage);
        LogRead read = LogRead.decode(question.data().toArray());
        assertThat(read.installation()).isEqualTo("site");
        assertThat(read.cursor()).isEqualTo("here");
        LogPiece piece = new LogPiece(read.id(), "text\n", "there", false, true, "");
        agent.send(agent.message()
                .customMessage(new CustomMessage(
                        CustomCapability.LOG_FILES, CustomCapability.LOG_FILES_PIECE, Bytes.of(piece.encode()))));
        assertThat(asked.get(20, TimeUnit.SECONDS)).isEqualTo(piece);
    }
}
