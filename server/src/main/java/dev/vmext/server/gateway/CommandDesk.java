package dev.vmext.server.gateway;

import dev.vmext.fleet.Command;
import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.MachineRecord;
import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.exec.CommandExit;
import dev.vmext.protocol.exec.CommandMark;
import dev.vmext.protocol.exec.CommandOutput;
import dev.vmext.protocol.exec.CommandPosition;
import dev.vmext.protocol.exec.CommandStart;
import dev.vmext.protocol.exec.CommandState;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.CustomCapabilities;
import dev.vmext.protocol.opamp.CustomMessage;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.server.command.CommandOutputs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The run-once commands of one machine over one link: what it was told on this link, and where what it says belongs. Owned by one
 * session; thread-safe.
 */
final class CommandDesk {
    private final Fleet fleet;
    private final CommandOutputs outputs;
    private final MachineRecord machine;
    private final InstantSource clock;
    /** What was sent on this link, by word and id: a link loses nothing, so once is enough. */
    private final Set<String> told = new HashSet<>();
    /** Commands of this machine and of no other one. */
    private final Set<String> known = new HashSet<>();

    private boolean supported;

    CommandDesk(Fleet fleet, CommandOutputs outputs, MachineRecord machine, InstantSource clock) {
        this.fleet = fleet;
        this.outputs = outputs;
        this.machine = machine;
        this.clock = clock;
    }

    /** The agent says what it can do beyond OpAMP. */
    synchronized void announced(@Nullable CustomCapabilities capabilities) {
        supported = capabilities != null && capabilities.capabilities().contains(CustomCapability.EXEC);
    }

    /** What the machine has to be told now and was not told on this link. */
    synchronized List<CustomMessage> news() {
        List<CustomMessage> news = new ArrayList<>();
        for (Command command : fleet.openCommands(machine.id())) {
            known.add(command.id());
            if (!supported) {
                fleet.commandEnded(machine.id(), unsupported(command));
            } else if (command.progress().state() == CommandState.WAITING_MACHINE) {
                start(command).ifPresent(news::add);
            } else {
                if (told.add("resume " + command.id())) {
                    news.add(message(
                            CustomCapability.EXEC_RESUME,
                            position(command.id(), false).encode()));
                }
                if (command.progress().cancelWanted() && told.add("cancel " + command.id())) {
                    news.add(message(CustomCapability.EXEC_CANCEL, new CommandMark(command.id()).encode()));
                }
            }
        }
        return news;
    }

    private Optional<CustomMessage> start(Command command) {
        Duration left = Duration.between(clock.instant(), command.expiresAt());
        if (!left.isPositive() || !told.add("start " + command.id())) {
            return Optional.empty();
        }
        Command.Request request = command.request();
        return Optional.of(message(
                CustomCapability.EXEC_START,
                new CommandStart(
                                command.id(),
                                request.script(),
                                request.interpreter(),
                                request.user(),
                                request.folder(),
                                request.timeout(),
                                left,
                                CommandOutputs.MOST)
                        .encode()));
    }

    private CommandExit unsupported(Command command) {
        return new CommandExit(
                command.id(),
                CommandState.REFUSED,
                null,
                0,
                0,
                false,
                new Cause(
                        CauseClass.AGENT,
                        "run",
                        "machine " + machine.name() + " has an agent that runs no commands",
                        "update the agent",
                        Map.of()));
    }

    /** The machine has written a command down. */
    synchronized CustomMessage accepted(CommandMark mark) {
        // Output goes on from here by itself: what the machine is told in the answer is the position to go on from.
        told.add("resume " + mark.id());
        Optional<Command> command = fleet.commandAccepted(machine.id(), mark.id());
        if (command.isEmpty()) {
            return message(CustomCapability.EXEC_CANCEL, mark.encode());
        }
        known.add(mark.id());
        boolean over = command.get().progress().state().terminal();
        return message(
                over ? CustomCapability.EXEC_ACK : CustomCapability.EXEC_RESUME,
                position(mark.id(), over).encode());
    }

    /** A piece of output; of a command that is not this machine's, nothing is kept. */
    synchronized CustomMessage output(CommandOutput piece) {
        if (!known.contains(piece.id())) {
            return message(CustomCapability.EXEC_CANCEL, new CommandMark(piece.id()).encode());
        }
        try {
            outputs.append(piece);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep the output of command " + piece.id(), e);
        }
        return message(CustomCapability.EXEC_ACK, position(piece.id(), false).encode());
    }

    /** The end; what is not known here is acknowledged too, so that the machine can forget it. */
    synchronized CustomMessage ended(CommandExit exit) {
        if (!known.contains(exit.id())
                && fleet.openCommands(machine.id()).stream()
                        .noneMatch(command -> command.id().equals(exit.id()))) {
            return message(
                    CustomCapability.EXEC_ACK, new CommandPosition(exit.id(), exit.out(), exit.err(), true).encode());
        }
        try {
            outputs.finish(exit.id());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep the output of command " + exit.id(), e);
        }
        fleet.commandEnded(machine.id(), exit);
        return message(CustomCapability.EXEC_ACK, position(exit.id(), true).encode());
    }

    private CommandPosition position(String id, boolean ended) {
        try {
            return outputs.position(id, ended);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look at the output of command " + id, e);
        }
    }

    private static CustomMessage message(String type, byte[] data) {
        return new CustomMessage(CustomCapability.EXEC, type, Bytes.of(data));
    }
}
