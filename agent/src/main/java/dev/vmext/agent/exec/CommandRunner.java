package dev.vmext.agent.exec;

import dev.vmext.agent.process.ClockWatch;
import dev.vmext.agent.process.Outcome;
import dev.vmext.agent.process.Processes;
import dev.vmext.agent.process.RunningCommand;
import dev.vmext.protocol.exec.CommandExit;
import dev.vmext.protocol.exec.CommandStart;
import dev.vmext.protocol.exec.CommandState;
import dev.vmext.protocol.exec.CommandStream;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Runs commands as processes: begins them, watches their output and deadline, kills them. One worker per command; any thread may call. */
public final class CommandRunner {
    private static final System.Logger LOG = System.getLogger(CommandRunner.class.getName());
    /** Shells end with this and the number of the signal that ended a command. */
    private static final int SIGNALLED = 128;

    /** Between two looks at a command that writes, and at one that is silent. */
    private static final Duration LOOK = Duration.ofMillis(100);

    private static final Duration SILENT_LOOK = Duration.ofMillis(500);

    private final Processes processes;
    private final Map<String, String> environment;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Executor workers;

    /**
     * Starts nothing yet.
     *
     * @param environment all that a command sees besides its own id
     * @param nanoTime a clock that nobody can set
     */
    public CommandRunner(
            Processes processes,
            Map<String, String> environment,
            InstantSource clock,
            LongSupplier nanoTime,
            Executor workers) {
        this.processes = processes;
        this.environment = Map.copyOf(environment);
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.workers = workers;
    }

    /** Who is told about a command, on its worker. */
    interface Watcher {
        /** There is more of its output. */
        void news();

        /** The machine's clock was set; the command's record has to move with it. */
        void clockSet(LiveCommand command, Duration step);

        void ended(LiveCommand command, CommandExit exit);
    }

    Instant now() {
        return clock.instant();
    }

    /** What can be seen to be missing before anything is written down. */
    Optional<Cause> refuses(CommandStart start) {
        if (!Files.isExecutable(Path.of(start.interpreter()))) {
            return Optional.of(missing("there is no program " + start.interpreter(), "path", start.interpreter()));
        }
        if (!Files.isDirectory(Path.of(start.folder()))) {
            return Optional.of(missing("there is no folder " + start.folder(), "path", start.folder()));
        }
        return Optional.empty();
    }

    private static Cause missing(String why, String name, String value) {
        return new Cause(
                CauseClass.PLATFORM, "run", "cannot run the command: " + why, "name another one", Map.of(name, value));
    }

    /** Runs a command that was just written down. */
    void begin(LiveCommand command, Watcher watcher) {
        workers.execute(() -> follow(command, watcher, false));
    }

    /** Goes on with one that an earlier agent began, or finds out that it is gone. */
    void watch(LiveCommand command, Watcher watcher) {
        workers.execute(() -> follow(command, watcher, true));
    }

    private void follow(LiveCommand command, Watcher watcher, boolean again) {
        try {
            watcher.ended(command, followed(command, watcher, again));
        } catch (InterruptedException stopping) {
            // It goes on without this agent; the next one finds it.
            Thread.currentThread().interrupt();
        }
    }

    private CommandExit followed(LiveCommand command, Watcher watcher, boolean again) throws InterruptedException {
        RunningCommand running = null;
        ClockWatch clockWatch = new ClockWatch(nanoTime);
        clockWatch.step(clock.instant());
        try {
            running = again
                    ? processes.attach(command.folder.run())
                    : processes.start(command.folder.line(command.record, environment));
            return untilEnd(command, running, clockWatch, watcher);
        } catch (IOException | RuntimeException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Command " + command.record.id() + " cannot be followed and is ended",
                    e);
            // Nobody would keep its deadline or cap its output any more.
            String end = running == null ? "" : ended(running);
            return exit(
                    command,
                    CommandState.INTERRUPTED,
                    null,
                    cause(CauseClass.AGENT, "cannot follow the command: " + e.getMessage() + end, Map.of()));
        }
    }

    private static String ended(RunningCommand running) throws InterruptedException {
        try {
            running.kill();
            return "; it was ended";
        } catch (IOException | RuntimeException e) {
            return "; it could not be ended either: " + e.getMessage();
        }
    }

    private CommandExit untilEnd(LiveCommand command, RunningCommand running, ClockWatch clockWatch, Watcher watcher)
            throws IOException, InterruptedException {
        long told = 0;
        Duration look = LOOK;
        while (true) {
            Optional<Outcome> end = running.await(look);
            long written = 0;
            for (CommandStream stream : CommandStream.values()) {
                command.folder.cap(stream, command.record.maxOutput());
                written += command.folder.size(stream, command.record.maxOutput());
            }
            if (end.isPresent()) {
                return exit(command, end.get());
            }
            look = written == told ? longer(look) : LOOK;
            if (written != told) {
                told = written;
                watcher.news();
            }
            Instant now = clock.instant();
            Duration step = clockWatch.step(now);
            if (!step.isZero()) {
                watcher.clockSet(command, step);
            }
            boolean late = !now.isBefore(command.record.deadline());
            if (late || command.cancelled) {
                running.kill();
                return late && !command.cancelled
                        ? exit(
                                command,
                                CommandState.TIMED_OUT,
                                null,
                                cause(
                                        CauseClass.TIMEOUT,
                                        "it was stopped at its deadline "
                                                + command.record.deadline().truncatedTo(ChronoUnit.SECONDS),
                                        Map.of()))
                        : exit(
                                command,
                                CommandState.CANCELLED,
                                null,
                                cause(CauseClass.CANCELLED, "it was cancelled while it ran", Map.of()));
            }
        }
    }

    private CommandExit exit(LiveCommand command, Outcome end) throws IOException {
        return switch (end) {
            case Outcome.Exited(int code) -> {
                String shell = command.folder.shellSaid();
                // Without a word of the shell around it, it is the command's own business what its code means.
                yield exit(
                        command,
                        CommandState.EXITED,
                        code,
                        shell == null || code == 0
                                ? null
                                : code > SIGNALLED
                                        ? cause(
                                                CauseClass.HANDLER_CRASH,
                                                "signal " + (code - SIGNALLED) + " ended it (" + shell + ")",
                                                Map.of("signal", Integer.toString(code - SIGNALLED)))
                                        : cause(CauseClass.HANDLER_EXIT, "the shell says: " + shell, Map.of()));
            }
            case Outcome.Vanished(boolean rebooted, String evidence) ->
                exit(
                        command,
                        CommandState.INTERRUPTED,
                        null,
                        cause(
                                CauseClass.HANDLER_CRASH,
                                evidence + "; what it did until then is not known, and it is not run again",
                                Map.of("rebooted", Boolean.toString(rebooted))));
            case Outcome.NotStarted() ->
                exit(
                        command,
                        CommandState.INTERRUPTED,
                        null,
                        cause(
                                CauseClass.AGENT,
                                "the agent was stopped before the command began; it did nothing and is not begun any more",
                                Map.of()));
        };
    }

    private static Duration longer(Duration look) {
        Duration twice = look.multipliedBy(2);
        return twice.compareTo(SILENT_LOOK) < 0 ? twice : SILENT_LOOK;
    }

    private static CommandExit exit(
            LiveCommand command, CommandState state, @Nullable Integer code, @Nullable Cause cause) {
        CommandFolder folder = command.folder;
        long most = command.record.maxOutput();
        try {
            // What a killed writer wrote last.
            boolean outCut = folder.cap(CommandStream.OUT, most);
            boolean errCut = folder.cap(CommandStream.ERR, most);
            return new CommandExit(
                    command.record.id(),
                    state,
                    code,
                    folder.size(CommandStream.OUT, most),
                    folder.size(CommandStream.ERR, most),
                    outCut || errCut || folder.truncated(),
                    cause);
        } catch (IOException e) {
            return new CommandExit(command.record.id(), state, code, 0, 0, true, cause);
        }
    }

    private static Cause cause(CauseClass kind, String why, Map<String, String> evidence) {
        return new Cause(
                kind, "run", why, "see what it wrote; run it again when that is safe", new HashMap<>(evidence));
    }
}
