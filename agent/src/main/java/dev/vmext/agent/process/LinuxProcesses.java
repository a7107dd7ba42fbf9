package dev.vmext.agent.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Commands through {@code setsid run-handler}, each in a scope of systemd where there is one, so that it has limits and can be ended as
 * a whole. Holds nothing that a restart would lose: everything is read from the run folder and {@code /proc}. Thread-safe.
 */
public final class LinuxProcesses implements Processes {
    private static final System.Logger LOG = System.getLogger(LinuxProcesses.class.getName());
    /** systemd answers in milliseconds; this is for one that is very busy, as in a slow machine's boot. */
    private static final Duration SCOPE_PATIENCE = Duration.ofMinutes(2);

    private final Scopes scopes = new Scopes(Path.of("/"));
    private final Path runHandler;
    private final long maxOutput;
    private final Pause sleeper;
    private final String bootId;
    private final BooleanSupplier goingDown;

    /**
     * @param runHandler the shipped script
     * @param maxOutput bytes of a command's output that are kept while it runs
     */
    public LinuxProcesses(Path runHandler, long maxOutput, Pause sleeper) throws IOException {
        this(runHandler, maxOutput, sleeper, new Shutdown());
    }

    LinuxProcesses(Path runHandler, long maxOutput, Pause sleeper, BooleanSupplier goingDown) throws IOException {
        this.goingDown = goingDown;
        this.runHandler = runHandler;
        this.maxOutput = maxOutput;
        this.sleeper = sleeper;
        this.bootId = Files.readString(Path.of("/proc/sys/kernel/random/boot_id"), StandardCharsets.US_ASCII)
                .strip();
    }

    @Override
    public String bootId() {
        return bootId;
    }

    @Override
    public RunningCommand start(CommandLine command) throws IOException {
        Confinement confinement = command.confinement();
        boolean again = confinement != null && scopes.usable();
        while (confinement != null && again) {
            Process child = launch(command, scopes.words(confinement));
            if (began(child, command.runFolder())) {
                return new Linux(command.runFolder(), child);
            }
            String said =
                    OutputFile.tail(command.runFolder().resolve("scope"), 500).strip();
            again = scopes.refused(said);
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Systemd makes no scope {0}, running the command {1}: {2}",
                    confinement.scope(),
                    again ? "in a simpler one" : "without limits",
                    said);
        }
        return new Linux(command.runFolder(), launch(command, List.of()));
    }

    private Process launch(CommandLine command, List<String> before) throws IOException {
        List<String> words = new ArrayList<>(List.of("setsid"));
        words.addAll(before);
        words.addAll(List.of(
                "/bin/sh",
                runHandler.toString(),
                command.runFolder().toString(),
                command.workingFolder().toString(),
                command.text()));
        ProcessBuilder builder = new ProcessBuilder(words)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(
                        before.isEmpty()
                                ? ProcessBuilder.Redirect.DISCARD
                                : ProcessBuilder.Redirect.to(
                                        command.runFolder().resolve("scope").toFile()));
        builder.environment().clear();
        builder.environment().putAll(command.environment());
        return builder.start();
    }

    /** Whether the script came to run; else the child ended before, and nothing of the command was done. */
    private boolean began(Process child, Path folder) throws IOException {
        long until = System.nanoTime() + SCOPE_PATIENCE.toNanos();
        try {
            while (!Files.exists(folder.resolve("claim"))) {
                if (System.nanoTime() > until) {
                    // Once it is dead it cannot begin any more, and the command may be started in another way.
                    child.destroyForcibly();
                    child.waitFor();
                    return Files.exists(folder.resolve("claim"));
                }
                if (child.waitFor(Duration.ofMillis(5))) {
                    return Files.exists(folder.resolve("claim"));
                }
            }
            return true;
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    @Override
    public RunningCommand attach(Path runFolder) throws IOException {
        return new Linux(runFolder, null);
    }

    private final class Linux implements RunningCommand {
        private static final Duration POLL_MIN = Duration.ofMillis(20);
        private static final Duration POLL_MAX = Duration.ofMillis(500);
        /** A claimed run writes its pid at once; this is for a machine that is busy with something else. */
        private static final Duration PID_GRACE = Duration.ofSeconds(20);

        private static final int MAX_NAMES = 10;
        private static final Duration LOOK = Duration.ofSeconds(2);
        /** Looking must not become the work: at most this part of the time. */
        private static final int LOOK_SHARE = 20;
        /** How long it was followed, divided by this, is the pause between two looks. */
        private static final int PAUSE_SHARE = 10;

        private final Path folder;
        /** Only for our own children: tells the end at once. The exit code is the file's in all cases. */
        private final @Nullable Process child;
        /** The most that was seen while it ran, for what the kernel does not remember itself. */
        private volatile Measured seen = Measured.NOTHING;

        private final long followedSince = System.nanoTime();
        private long nextSample = followedSince;

        private Linux(Path folder, @Nullable Process child) {
            this.folder = folder;
            this.child = child;
        }

        @Override
        public Optional<Outcome> await(Duration atMost) throws InterruptedException, IOException {
            return await(atMost, () -> false);
        }

        @Override
        public Optional<Outcome> await(Duration atMost, BooleanSupplier enough)
                throws InterruptedException, IOException {
            long until = System.nanoTime() + atMost.toNanos();
            long nextLook = System.nanoTime() + LOOK.toNanos();
            long pidUntil = System.nanoTime() + PID_GRACE.toNanos();
            while (true) {
                Optional<Outcome> end = look(System.nanoTime() >= pidUntil);
                if (end.isPresent()) {
                    return end;
                }
                boolean flooded = capOutput();
                long now = System.nanoTime();
                if (now >= nextSample) {
                    sample();
                    nextSample = System.nanoTime() + LOOK.toNanos();
                }
                if (now >= nextLook) {
                    if (enough.getAsBoolean()) {
                        return Optional.empty();
                    }
                    long cost = System.nanoTime() - now;
                    nextLook = now + Math.max(LOOK.toNanos(), cost * LOOK_SHARE);
                }
                long left = until - System.nanoTime();
                if (left <= 0) {
                    return Optional.empty();
                }
                pauseUntilNextLook(Math.min(left, flooded ? POLL_MIN.toNanos() : pause(now)));
            }
        }

        /** Short at first, longer the longer it runs, however often somebody awaits it: a look costs a small machine more than it tells. */
        private long pause(long now) {
            return Math.clamp((now - followedSince) / PAUSE_SHARE, POLL_MIN.toNanos(), POLL_MAX.toNanos());
        }

        private void pauseUntilNextLook(long nanos) throws InterruptedException {
            if (child != null && child.isAlive()) {
                if (child.waitFor(Duration.ofNanos(nanos))) {
                    return;
                }
            } else {
                sleeper.forTime(Duration.ofNanos(nanos));
            }
        }

        private Optional<Outcome> look(boolean pidOverdue) throws IOException {
            if (child != null && child.isAlive()) {
                return Optional.empty();
            }
            // Alive is asked before the exit code: it may end in between, but never the other way round.
            Optional<ProcessHandleFile> handle = ProcessHandleFile.read(folder);
            boolean alive = handle.isPresent() && handle.get().alive(bootId);
            Optional<Integer> code = exitCode();
            if (code.isPresent()) {
                return Optional.of(new Outcome.Exited(code.get()));
            }
            if (alive) {
                return Optional.empty();
            }
            if (handle.isPresent()) {
                boolean rebooted = !handle.get().bootId().equals(bootId);
                if (!rebooted && goingDown.getAsBoolean()) {
                    return Optional.empty(); // what became of it is decided after the restart
                }
                return Optional.of(new Outcome.Vanished(
                        rebooted,
                        rebooted
                                ? "the machine was restarted while process "
                                        + handle.get().pid() + " ran"
                                : "process " + handle.get().pid() + " ended without an exit code"));
            }
            if (giveUp()) {
                return Optional.of(new Outcome.NotStarted());
            }
            // Claimed, no pid yet: between two lines of the script, or the machine went down between them.
            return pidOverdue
                    ? Optional.of(new Outcome.Vanished(true, "the command was about to start when it was lost"))
                    : Optional.empty();
        }

        /** Makes the claim that the script would make first, so that it cannot start any more. */
        private boolean giveUp() throws IOException {
            Path given = folder.resolve("given-up");
            if (Files.exists(given)) {
                return true;
            }
            if (Files.exists(folder.resolve("claim"))) {
                return false;
            }
            Files.createDirectories(folder);
            try {
                Files.createDirectory(folder.resolve("claim"));
            } catch (FileAlreadyExistsException theScriptWasFaster) {
                return false;
            }
            Files.createFile(given);
            return true;
        }

        private Optional<Integer> exitCode() throws IOException {
            Path file = folder.resolve("exit");
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            String text = Files.readString(file, StandardCharsets.US_ASCII).strip();
            try {
                return Optional.of(Integer.valueOf(text));
            } catch (NumberFormatException emptyAfterAPowerCut) {
                return Optional.empty();
            }
        }

        private void sample() throws IOException {
            Optional<ControlGroup> group = ControlGroup.of(folder);
            if (group.isPresent()) {
                seen = seen.or(group.get().measure());
            }
        }

        @Override
        public Measured measured() {
            try {
                sample();
                Path written = folder.resolve("usage");
                return Files.exists(written)
                        ? seen.or(Usages.ofRun(Files.readString(written, StandardCharsets.US_ASCII)))
                        : seen;
            } catch (IOException unreadable) {
                return seen;
            }
        }

        /** Whether there was more than is kept. */
        private boolean capOutput() throws IOException {
            Path output = folder.resolve("output");
            try {
                if (Files.size(output) <= maxOutput) {
                    return false;
                }
            } catch (NoSuchFileException nothingWrittenYet) {
                return false;
            }
            OutputFile.cap(output, maxOutput);
            return true;
        }

        @Override
        public List<String> alive() throws IOException {
            Optional<ProcessHandleFile> handle = ProcessHandleFile.read(folder);
            if (handle.isEmpty() || !handle.get().bootId().equals(bootId)) {
                return List.of();
            }
            List<String> names = new ArrayList<>();
            for (ProcStat member :
                    ProcStat.session(handle.get().pid(), handle.get().startTime())) {
                if (names.size() < MAX_NAMES) {
                    names.add(ProcStat.name(member.pid()) + " (" + member.pid() + ")");
                }
            }
            return names;
        }

        @Override
        public void kill() throws InterruptedException, IOException {
            Optional<ProcessHandleFile> handle = ProcessHandleFile.read(folder);
            if (handle.isEmpty() && child != null) {
                child.destroyForcibly();
                child.waitFor();
                giveUp();
                // It may have begun between the look and its end; what it began is ended below.
                handle = ProcessHandleFile.read(folder);
                if (handle.isEmpty()) {
                    return;
                }
            }
            // Found again just after it was claimed: it is about to say who it is, and then it runs.
            long until = System.nanoTime() + PID_GRACE.toNanos();
            while (handle.isEmpty()) {
                if (giveUp() || System.nanoTime() >= until) {
                    return;
                }
                sleeper.forTime(POLL_MIN);
                handle = ProcessHandleFile.read(folder);
            }
            if (!handle.get().bootId().equals(bootId)) {
                return;
            }
            Optional<ControlGroup> group = ControlGroup.of(folder);
            sample(); // before the numbers go with the processes
            long pause = POLL_MIN.toMillis();
            while (true) {
                // A member may start another one while the first round runs, so: until a round finds nobody.
                List<Long> members = members(handle.get(), group);
                if (members.isEmpty()) {
                    return;
                }
                if (group.isPresent()) {
                    group.get().kill();
                }
                for (long member : members) {
                    ProcessHandle.of(member).ifPresent(ProcessHandle::destroyForcibly);
                }
                sleeper.forTime(Duration.ofMillis(pause));
                pause = Math.min(pause * 2, POLL_MAX.toMillis());
            }
        }

        /** All of its session, and all of its group: who leaves one of them is still in the other. */
        private List<Long> members(ProcessHandleFile handle, Optional<ControlGroup> group) throws IOException {
            List<Long> members = new ArrayList<>();
            for (ProcStat member : ProcStat.session(handle.pid(), handle.startTime())) {
                members.add(member.pid());
            }
            if (group.isPresent()) {
                for (long member : group.get().members()) {
                    if (ProcStat.of(member).filter(stat -> !stat.dead()).isPresent()) {
                        members.add(member);
                    }
                }
            }
            return members;
        }

        @Override
        public long pid() {
            try {
                return ProcessHandleFile.read(folder)
                        .map(ProcessHandleFile::pid)
                        .orElse(0L);
            } catch (IOException unreadable) {
                return 0;
            }
        }
    }
}
