package dev.vmext.server.gateway;

import dev.vmext.fleet.MachineRecord;
import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.exec.CommandExit;
import dev.vmext.protocol.exec.CommandMark;
import dev.vmext.protocol.exec.CommandOutput;
import dev.vmext.protocol.finding.FindingBatch;
import dev.vmext.protocol.link.ClockReading;
import dev.vmext.protocol.link.LogAnswer;
import dev.vmext.protocol.link.LogPiece;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.CustomCapabilities;
import dev.vmext.protocol.opamp.CustomMessage;
import dev.vmext.protocol.opamp.ServerToAgent;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One link's conversation beside goals and statuses: logs, commands, findings, the time. Owned by one session; thread-safe. */
final class CustomDesk {
    private final SessionParts parts;
    private final MachineRecord machine;
    private final AgentLogs logs;
    private final CommandDesk commands;
    private final Consumer<CustomMessage> send;

    CustomDesk(SessionParts parts, MachineRecord machine, LinkTransport transport) {
        this.parts = parts;
        this.machine = machine;
        this.commands = new CommandDesk(parts.fleet(), parts.outputs(), machine, parts.clock());
        this.logs = new AgentLogs(
                machine.name(), parts.settings().limits().logAnswer().plus(transport.delay(parts.settings())));
        Bytes uid = Bytes.ofUuid(UUID.fromString(machine.id()));
        this.send = message ->
                transport.send(ServerToAgent.builder(uid).customMessage(message).build());
    }

    /**
     * The agent says what it can do beyond OpAMP.
     *
     * @param first whether it has not been answered on this link: it is told the time then, so that a wrong clock does not keep it
     *     from renewing its certificate
     */
    void announced(@Nullable CustomCapabilities theirs, boolean first, ServerToAgent.Builder reply) {
        logs.announced(theirs);
        commands.announced(theirs);
        if (first && theirs != null && theirs.capabilities().contains(CustomCapability.CLOCK)) {
            reply.customMessage(new CustomMessage(
                    CustomCapability.CLOCK,
                    CustomCapability.CLOCK_NOW,
                    Bytes.of(new ClockReading(parts.clock().instant()).encode())));
        }
    }

    /** Takes a custom message of a kind that is the desk's. */
    void accept(MessageKind kind, byte[] data, ServerToAgent.Builder reply) {
        switch (kind) {
            case COMMAND_ACCEPTED -> reply.customMessage(commands.accepted(CommandMark.decode(data)));
            case COMMAND_OUTPUT -> reply.customMessage(commands.output(CommandOutput.decode(data)));
            case COMMAND_EXIT -> reply.customMessage(commands.ended(CommandExit.decode(data)));
            case FINDINGS ->
                // Acknowledged when they are stored; an error leaves them with the agent, which sends them again.
                reply.customMessage(new CustomMessage(
                        CustomCapability.FINDINGS,
                        CustomCapability.FINDINGS_ACK,
                        Bytes.of(parts.fleet()
                                .reportFindings(machine.id(), FindingBatch.decode(data))
                                .encode())));
            case LOG_PIECE -> logs.answered(LogPiece.decode(data));
            case LOG_TEXT -> logs.answered(LogAnswer.decode(data));
            default -> throw new IllegalArgumentException("not for the desk: " + kind);
        }
    }

    /** What the machine has to be told now and was not told on this link. */
    List<CustomMessage> news() {
        return commands.news();
    }

    CompletableFuture<LogAnswer> requestLog(int tailBytes) {
        return logs.request(tailBytes, send);
    }

    CompletableFuture<LogPiece> readLog(String installation, String cursor, int max) {
        return logs.read(installation, cursor, max, send);
    }

    void closed() {
        logs.closed();
    }
}
