package dev.vmext.agent.exec;

import dev.vmext.agent.link.Topic;
import dev.vmext.agent.seal.Secrets;
import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.exec.CommandExit;
import dev.vmext.protocol.exec.CommandMark;
import dev.vmext.protocol.exec.CommandOutput;
import dev.vmext.protocol.exec.CommandPosition;
import dev.vmext.protocol.exec.CommandStart;
import dev.vmext.protocol.exec.CommandState;
import dev.vmext.protocol.exec.CommandStream;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All run-once commands of this machine, and the conversation about them ({@code vmext.exec/v1}).
 *
 * <pre>
 *   start --owner's word no--> exit refused
 *     |
 *     v  record on disk (durable)                         this is the moment from which on it runs at most once
 *   accepted --> running --> exit on disk --> all output acknowledged --> exit --acknowledged--> only the record stays
 *                   |                                                                            until nobody sends it again
 *                   +-- agent restarted: found again by pid, start time and boot; gone: interrupted, never run again
 * </pre>
 *
 * <p>Thread-safe. The link's thread talks, one worker per command runs it.
 */
public final class Commands implements Topic {
    private static final System.Logger LOG = System.getLogger(Commands.class.getName());
    /** At a time. */
    static final int MOST_RUNNING = 32;
    /** Records that are kept of commands that are over. */
    static final int MOST_REMEMBERED = 2000;

    /** A control plane put back from a backup may send again what it had not sent yet then; nothing it sends is older than a day. */
    private static final Duration REMEMBERED = Duration.ofDays(2);

    private final Path root;
    private final CommandRunner runner;
    private final OwnersWordOnCommands owner;
    private final Secrets secrets;
    private final Runnable wake;
    private final CommandRunner.Watcher watcher = new Workers();
    /** Those whose end the control plane does not know, the one served last at the end. Guarded by this. */
    private final Map<String, LiveCommand> live = new LinkedHashMap<>();
    /** Ends of commands that were never accepted, or that are long over, to be told once more. Guarded by this. */
    private final Map<String, CommandExit> answers = new LinkedHashMap<>();
    /** Ends of those that are over and done with. Guarded by this. */
    private final Map<String, CommandRecord> over = new HashMap<>();

    /** What the machine's owner says about commands of the control plane. */
    public interface OwnersWordOnCommands {
        /** Why not, empty when it is allowed. Asked anew for each. */
        Optional<Cause> refusesCommands();
    }

    /**
     * Reads nothing yet: {@link #recover} does.
     *
     * @param root folder of all commands; made when missing
     * @param secrets are taken out of what is sent
     * @param wake called when there is something to say
     */
    public Commands(Path root, CommandRunner runner, OwnersWordOnCommands owner, Secrets secrets, Runnable wake) {
        this.root = root;
        this.runner = runner;
        this.owner = owner;
        this.secrets = secrets;
        this.wake = wake;
    }

    /** Finds again what an earlier agent left: goes on watching what runs, tells the end of what is gone. */
    public synchronized void recover() throws IOException {
        Path parent = root.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        CommandFolder.makeFolder(root, "rwx--x--x");
        List<Path> folders = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(root)) {
            found.forEach(folders::add);
        }
        for (Path folder : folders) {
            String name = folder.getFileName().toString();
            CommandFolder one = new CommandFolder(folder);
            if (name.startsWith(".new-")) {
                one.delete(); // never accepted
                continue;
            }
            try {
                CommandRecord record = one.record();
                if (record.exit() != null && !one.hasOutput()) {
                    over.put(record.id(), record);
                } else {
                    LiveCommand command = new LiveCommand(one, record);
                    live.put(record.id(), command);
                    if (record.exit() == null) {
                        runner.watch(command, watcher);
                    }
                }
            } catch (IOException | ProblemException damaged) {
                LOG.log(System.Logger.Level.WARNING, "Cannot read {0}, leaving it: {1}", folder, damaged.getMessage());
            }
        }
    }

    /** Whether one has not ended yet. */
    public synchronized boolean anyRuns() {
        return live.values().stream().anyMatch(command -> command.exit() == null);
    }

    @Override
    public String capability() {
        return CustomCapability.EXEC;
    }

    @Override
    public synchronized void connected() {
        live.values().forEach(LiveCommand::connected);
    }

    @Override
    public synchronized boolean busy() {
        return !live.isEmpty() || !answers.isEmpty();
    }

    @Override
    public synchronized void heard(String type, byte[] data) {
        switch (type) {
            case CustomCapability.EXEC_START -> start(CommandStart.decode(data));
            case CustomCapability.EXEC_ACK -> acknowledged(CommandPosition.decode(data));
            case CustomCapability.EXEC_RESUME -> resume(CommandPosition.decode(data));
            case CustomCapability.EXEC_CANCEL -> cancel(CommandMark.decode(data).id());
            default -> LOG.log(System.Logger.Level.DEBUG, "Ignoring {0}", type);
        }
    }

    private void start(CommandStart start) {
        LiveCommand known = live.get(start.id());
        if (known != null) {
            known.acceptedSent = false;
            known.exitSent = false;
            return;
        }
        CommandRecord past = over.get(start.id());
        CommandExit told = past == null ? null : past.exit();
        if (told != null) {
            answers.put(start.id(), told);
            return;
        }
        forgetOld();
        Optional<Cause> refused =
                owner.refusesCommands().or(() -> tooMuch(start)).or(() -> runner.refuses(start));
        if (refused.isPresent()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Refusing command {0}: {1}",
                    start.id(),
                    refused.get().message());
            refuse(start.id(), refused.get());
            return;
        }
        Instant now = runner.now();
        CommandRecord record = new CommandRecord(
                start.id(),
                start.interpreter(),
                start.user(),
                start.folder(),
                now.plus(start.timeout()),
                now.plus(start.expires()).plus(REMEMBERED),
                start.maxOutput(),
                null);
        try {
            LiveCommand command = new LiveCommand(CommandFolder.accept(root, record, start.script()), record);
            live.put(start.id(), command);
            LOG.log(
                    System.Logger.Level.INFO,
                    "Running command {0} as {1}",
                    start.id(),
                    start.user() == null ? "root" : start.user());
            runner.begin(command, watcher);
        } catch (UserPrincipalNotFoundException e) {
            refuse(start.id(), cause(CauseClass.PERMISSION, "there is no user " + start.user(), "name another one"));
        } catch (IOException e) {
            refuse(
                    start.id(),
                    cause(
                            CauseClass.DISK,
                            "cannot write the command down in " + root + ": " + e.getMessage(),
                            "look at the disk, then run it again"));
        }
    }

    private Optional<Cause> tooMuch(CommandStart start) {
        if (!start.expires().isPositive()) {
            return Optional.of(cause(CauseClass.TIMEOUT, "it came after its time", "run it again"));
        }
        long running =
                live.values().stream().filter(command -> command.exit() == null).count();
        if (running >= MOST_RUNNING || over.size() >= MOST_REMEMBERED) {
            return Optional.of(cause(
                    CauseClass.LOCK,
                    running + " commands run here and " + over.size() + " are remembered; there is no room for another",
                    "wait for some of them to end"));
        }
        return Optional.empty();
    }

    private void refuse(String id, Cause why) {
        answers.put(id, new CommandExit(id, CommandState.REFUSED, null, 0, 0, false, why));
    }

    private static Cause cause(CauseClass kind, String why, String hint) {
        return new Cause(kind, "run", "cannot run the command: " + why, hint, Map.of());
    }

    private void forgetOld() {
        Instant now = runner.now();
        over.values().removeIf(record -> {
            if (now.isBefore(record.forgetAfter())) {
                return false;
            }
            try {
                new CommandFolder(root.resolve(record.id())).delete();
                return true;
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "Cannot forget command {0}: {1}", record.id(), e.getMessage());
                return false;
            }
        });
    }

    private void cancel(String id) {
        LiveCommand command = live.get(id);
        if (command == null || command.exit() != null) {
            return;
        }
        try {
            command.folder.cancel();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot note that {0} is cancelled: {1}", id, e.getMessage());
        }
        command.cancelled = true;
    }

    private void acknowledged(CommandPosition position) {
        LiveCommand command = live.get(position.id());
        if (command == null) {
            if (position.ended()) {
                answers.remove(position.id());
            }
            return;
        }
        command.acknowledged(position);
        if (position.ended() && command.exit() != null) {
            live.remove(position.id());
            over.put(position.id(), command.record);
            try {
                command.folder.forgetOutput();
            } catch (IOException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "Cannot delete the output of command {0}: {1}",
                        position.id(),
                        e.getMessage());
            }
        }
    }

    private void resume(CommandPosition position) {
        LiveCommand command = live.get(position.id());
        if (command != null) {
            command.resume(position);
            return;
        }
        CommandRecord past = over.get(position.id());
        CommandExit told = past == null ? null : past.exit();
        answers.put(
                position.id(),
                told != null
                        ? told
                        : new CommandExit(
                                position.id(),
                                CommandState.INTERRUPTED,
                                null,
                                0,
                                0,
                                false,
                                cause(
                                        CauseClass.AGENT,
                                        "the machine knows nothing of it any more",
                                        "was its disk put back from a backup? See what the command did, then run it again")));
    }

    private final class Workers implements CommandRunner.Watcher {
        @Override
        public void news() {
            wake.run();
        }

        @Override
        public void clockSet(LiveCommand command, Duration step) {
            Commands.this.clockSet(command, step);
        }

        @Override
        public void ended(LiveCommand command, CommandExit exit) {
            Commands.this.ended(command, exit);
        }
    }

    private synchronized void clockSet(LiveCommand command, Duration step) {
        CommandRecord next = command.record.clockSet(step);
        LOG.log(
                System.Logger.Level.WARNING,
                "The clock of the machine was set by {0} s; the deadline of command {1} moves with it",
                step.toSeconds(),
                next.id());
        command.record = next;
        try {
            command.folder.record(next);
        } catch (IOException e) {
            // Kept by this agent all the same.
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Cannot note the new deadline of command {0}: {1}",
                    next.id(),
                    e.getMessage());
        }
    }

    private void ended(LiveCommand command, CommandExit exit) {
        synchronized (this) {
            CommandRecord next = command.record.ended(exit);
            try {
                command.folder.record(next);
            } catch (IOException e) {
                // Told from memory all the same; after a restart it is found as interrupted.
                LOG.log(System.Logger.Level.ERROR, "Cannot note the end of {0}: {1}", exit.id(), e.getMessage());
            }
            command.record = next;
            LOG.log(
                    System.Logger.Level.INFO,
                    "Command {0}: {1} {2}",
                    exit.id(),
                    exit.state().wire(),
                    exit.code());
        }
        wake.run();
    }

    @Override
    public synchronized Optional<Said> next() {
        for (CommandExit answer : answers.values()) {
            answers.remove(answer.id());
            return Optional.of(said(CustomCapability.EXEC_EXIT, answer.encode()));
        }
        for (LiveCommand command : live.values()) {
            Optional<Said> said;
            try {
                said = next(command);
            } catch (IOException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "Cannot read the output of command {0}: {1}",
                        command.record.id(),
                        e.getMessage());
                continue;
            }
            if (said.isPresent()) {
                live.remove(command.record.id());
                live.put(command.record.id(), command);
                return said;
            }
        }
        return Optional.empty();
    }

    private Optional<Said> next(LiveCommand command) throws IOException {
        String id = command.record.id();
        if (!command.acceptedSent) {
            command.acceptedSent = true;
            return Optional.of(said(CustomCapability.EXEC_ACCEPTED, new CommandMark(id).encode()));
        }
        @Nullable CommandExit exit = command.exit();
        for (CommandStream stream : CommandStream.values()) {
            long end = exit == null ? command.folder.size(stream, command.record.maxOutput()) : of(exit, stream);
            long from = command.sent(stream);
            int room = (int) Math.min(CommandOutput.WINDOW - command.unacknowledged(), CommandOutput.MAX_DATA);
            int length = (int) Math.min(room, end - from);
            if (length > 0) {
                byte[] data = piece(command, stream, from, length);
                if (data.length > 0) {
                    command.sent(stream, data.length);
                    return Optional.of(said(
                            CustomCapability.EXEC_OUTPUT,
                            new CommandOutput(id, stream, from, Bytes.of(data)).encode()));
                }
                exit = command.exit();
            }
        }
        if (exit != null && !command.exitSent && command.delivered(exit)) {
            command.exitSent = true;
            return Optional.of(said(CustomCapability.EXEC_EXIT, exit.encode()));
        }
        return Optional.empty();
    }

    /** Empty where there is nothing to send now. What is gone will never be sent, and the end must not wait for it. */
    private byte[] piece(LiveCommand command, CommandStream stream, long from, int length) throws IOException {
        CommandExit exit = command.exit();
        byte[] data = new byte[0];
        try {
            data = masked(command.folder, stream, from, length, exit);
        } catch (IOException e) {
            if (exit == null) {
                throw e;
            }
        }
        if (data.length == 0 && exit != null) {
            LOG.log(System.Logger.Level.WARNING, "Output of command {0} is gone, telling its end without", exit.id());
            boolean out = stream == CommandStream.OUT;
            command.record = command.record.ended(new CommandExit(
                    exit.id(),
                    exit.state(),
                    exit.code(),
                    out ? from : exit.out(),
                    out ? exit.err() : from,
                    true,
                    exit.cause()));
        }
        return data;
    }

    /** A secret may begin before the piece or end after it: some bytes around it are looked at too. */
    private byte[] masked(CommandFolder folder, CommandStream stream, long from, int length, @Nullable CommandExit exit)
            throws IOException {
        int before = (int) Math.min(from, 1024);
        byte[] around = folder.read(stream, from - before, before + length + 1024);
        byte[] clean = secrets.mask(around);
        int end = Math.min(clean.length, before + length);
        int decided = clean.length - secrets.undecided(clean);
        if (exit == null || (decided > before && from - before + clean.length < of(exit, stream))) {
            end = Math.min(end, decided);
        }
        byte[] piece = new byte[Math.max(0, end - before)];
        System.arraycopy(clean, before, piece, 0, piece.length);
        return piece;
    }

    private static long of(CommandExit exit, CommandStream stream) {
        return stream == CommandStream.OUT ? exit.out() : exit.err();
    }

    private static Said said(String type, byte[] data) {
        return new Said(type, Bytes.of(data));
    }
}
