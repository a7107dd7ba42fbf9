package dev.vmext.fleet;

import dev.vmext.fleet.Decision.Note;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.api.CommandCreate;
import dev.vmext.protocol.api.CommandView;
import dev.vmext.protocol.exec.CommandExit;
import dev.vmext.protocol.exec.CommandStart;
import dev.vmext.protocol.exec.CommandState;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Run-once commands: who may have one, how far each is, and which are forgotten. What they write is kept elsewhere. Behind {@link
 * Fleet}; as thread-safe as the store.
 */
final class Commands {
    /** Of one machine; the oldest that are over make room. */
    static final int KEPT = 100;
    /** Waiting or running on one machine. */
    static final int OPEN = 32;

    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final Duration EXPIRE = Duration.ofHours(1);

    private final FleetParts parts;

    Commands(FleetParts parts) {
        this.parts = parts;
    }

    CommandView run(Actor actor, String project, String machineName, CommandCreate asked) {
        Command.Request request = request(asked);
        Duration expire = limited("expireSeconds", asked.expireSeconds(), EXPIRE);
        return parts.store().transact(actor, view -> {
            Machine machine = Problems.getMachine(view, project, machineName);
            Problems.refuseDeleting("run a command on", machine);
            List<Command> all = view.commands(machine.id());
            if (all.stream().filter(one -> !one.progress().state().terminal()).count() >= OPEN) {
                throw new ProblemException(
                        ProblemCode.TOO_MANY_COMMANDS,
                        "cannot run a command on machine " + machine.name() + ": " + OPEN
                                + " commands wait or run there already",
                        "wait for some of them, or cancel them: vmext command list " + machine.name());
            }
            Instant now = parts.now();
            Command made = new Command(
                    parts.ids().newId(),
                    machine.id(),
                    project,
                    machine.name(),
                    request,
                    actor.name(),
                    now,
                    now.plus(expire),
                    Command.Progress.NEW,
                    0);
            List<FleetChange> changes = new ArrayList<>(tooOld(all));
            changes.add(new FleetChange.CommandPut(made));
            return Decision.noted(
                    changes,
                    view(made),
                    new Note(
                            now,
                            "command.run",
                            subject(made),
                            "script " + request.digest() + " as "
                                    + (request.user() == null ? "root" : request.user())));
        });
    }

    private static List<FleetChange> tooOld(List<Command> all) {
        return all.stream()
                .filter(one -> one.progress().state().terminal())
                .sorted(Comparator.comparing(Command::createdAt).reversed())
                .skip(KEPT - 1)
                .<FleetChange>map(FleetChange.CommandGone::of)
                .toList();
    }

    private static Command.Request request(CommandCreate asked) {
        String script = asked.script();
        if (script.isBlank() || script.length() > CommandStart.MAX_SCRIPT) {
            throw Problems.invalidValue(
                    "cannot run the command: its script is " + (script.isBlank() ? "empty" : "longer than 256 KiB"),
                    script.isBlank() ? "say what to run" : "put it into a package, see vmext extension init");
        }
        String interpreter = asked.interpreter() == null ? CommandStart.SHELL : asked.interpreter();
        String folder = asked.folder() == null ? "/" : asked.folder();
        for (String path : List.of(interpreter, folder)) {
            if (!CommandStart.validPath(path)) {
                throw Problems.invalidValue(
                        "cannot run the command: " + Problems.shown(path)
                                + " is no absolute path of letters, digits and . _ + -",
                        "give the full path");
            }
        }
        String user = asked.user();
        if (user != null && !CommandStart.validUser(user)) {
            throw Problems.invalidValue(
                    "cannot run the command: " + Problems.shown(user) + " is no name of a user",
                    "names have lower-case letters, digits, _ and -, at most 32");
        }
        return new Command.Request(
                script,
                Digest.of(script.getBytes(StandardCharsets.UTF_8)).text(),
                interpreter,
                user,
                folder,
                limited("timeoutSeconds", asked.timeoutSeconds(), TIMEOUT));
    }

    private static Duration limited(String field, @Nullable Integer seconds, Duration byDefault) {
        Duration time = seconds == null ? byDefault : Duration.ofSeconds(seconds);
        if (!CommandStart.withinLimits(time)) {
            throw Problems.invalidValue(
                    "cannot run the command: " + field + " is " + seconds,
                    "it must be from 1 to " + CommandStart.LONGEST.toSeconds());
        }
        return time;
    }

    List<CommandView> list(String project, String machine) {
        return parts.store()
                .read(view -> view
                        .commands(Problems.getMachine(view, project, machine).id())
                        .stream()
                        .sorted(Comparator.comparing(Command::createdAt).reversed())
                        .map(Commands::view)
                        .toList());
    }

    CommandView get(String project, String machine, String id) {
        return parts.store().read(view -> view(find(view, project, machine, id)));
    }

    private static Command find(FleetView view, String project, String machineName, String id) {
        Machine machine = Problems.getMachine(view, project, machineName);
        return view.findCommand(id)
                .filter(command -> command.machineId().equals(machine.id()))
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.COMMAND_NOT_FOUND,
                        "cannot find command " + Problems.shown(id) + " of machine " + machine.name()
                                + ": there is none, or it is so old that it was forgotten",
                        "vmext command list " + machine.name() + " shows those there are"));
    }

    /** One that no machine has heard of is over at once; a running one is over when the machine says so. */
    CommandView cancel(Actor actor, String project, String machine, String id) {
        return parts.store().transact(actor, view -> {
            Command command = find(view, project, machine, id);
            Command.Progress now = command.progress();
            if (now.state().terminal() || (now.cancelWanted() && now.state() == CommandState.RUNNING)) {
                return Decision.nothing(view(command));
            }
            Command next = command.with(
                    now.state() == CommandState.RUNNING
                            ? now.cancelling()
                            : now.cancelling()
                                    .ended(
                                            CommandState.CANCELLED,
                                            cause(
                                                    CauseClass.CANCELLED,
                                                    "it was cancelled before the machine took it",
                                                    ""),
                                            parts.now()));
            return Decision.noted(
                    List.of(new FleetChange.CommandPut(next)),
                    view(next),
                    new Note(parts.now(), "command.cancel", subject(command), ""));
        });
    }

    List<Command> open(String machineId) {
        return parts.store()
                .read(view -> view.commands(machineId).stream()
                        .filter(command -> !command.progress().state().terminal())
                        .sorted(Comparator.comparing(Command::createdAt))
                        .toList());
    }

    Optional<Command> accepted(String machineId, String id) {
        return change(
                machineId,
                id,
                // The machine's own word about the end stays; only what was given up here begins to run after all.
                command -> command.progress().startedAt() != null
                        ? command
                        : command.with(command.progress().accepted(parts.now())));
    }

    Optional<Command> ended(String machineId, CommandExit exit) {
        return change(
                machineId,
                exit.id(),
                command -> command.progress().state().terminal()
                        ? command
                        : command.with(command.progress().ended(exit, parts.now())));
    }

    void expire() {
        Instant now = parts.now();
        if (parts.store().read(view -> view.waitingCommands(now)).isEmpty()) {
            return;
        }
        parts.store().transact(Actor.SYSTEM, view -> {
            List<FleetChange> changes = new ArrayList<>();
            for (Command command : view.waitingCommands(now)) {
                changes.add(new FleetChange.CommandPut(command.with(command.progress()
                        .ended(
                                CommandState.EXPIRED,
                                cause(
                                        CauseClass.MACHINE_OFFLINE,
                                        "machine " + command.machine() + " did not take it until "
                                                + command.expiresAt(),
                                        "run it again when the machine is online, or let it wait longer with --expire"),
                                now))));
            }
            return Decision.silent(changes, changes.size());
        });
    }

    private Optional<Command> change(String machineId, String id, Function<Command, Command> decide) {
        return parts.store().transact(Actor.machine(machineId), view -> {
            Optional<Command> before =
                    view.findCommand(id).filter(command -> command.machineId().equals(machineId));
            Optional<Command> after = before.map(decide);
            return after.equals(before)
                    ? Decision.nothing(after)
                    : Decision.silent(List.of(new FleetChange.CommandPut(after.orElseThrow())), after);
        });
    }

    private static Cause cause(CauseClass kind, String message, String hint) {
        return new Cause(kind, "run", message, hint, Map.of());
    }

    private static String subject(Command command) {
        return command.project() + "/" + command.machine() + "/" + command.id();
    }

    static CommandView view(Command command) {
        Command.Request request = command.request();
        Command.Progress progress = command.progress();
        Cause cause = progress.cause();
        return new CommandView(
                command.id(),
                command.project(),
                command.machine(),
                progress.state().wire(),
                request.digest(),
                request.interpreter(),
                request.user(),
                request.folder(),
                Math.toIntExact(request.timeout().toSeconds()),
                progress.exitCode(),
                cause == null ? null : Views.cause(cause),
                progress.cancelWanted() && !progress.state().terminal(),
                progress.out(),
                progress.err(),
                progress.truncated(),
                command.createdBy(),
                command.createdAt(),
                command.expiresAt(),
                progress.startedAt(),
                progress.endedAt());
    }
}
