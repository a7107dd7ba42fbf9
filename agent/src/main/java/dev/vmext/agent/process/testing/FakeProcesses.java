package dev.vmext.agent.process.testing;

import dev.vmext.agent.process.CommandLine;
import dev.vmext.agent.process.Outcome;
import dev.vmext.agent.process.Processes;
import dev.vmext.agent.process.RunningCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Processes in memory: what a command does is decided by a function of its line. Thread-safe; waits for nothing. */
public final class FakeProcesses implements Processes {
    /** What a command does. */
    public sealed interface Behaviour {
        record Ends(int code, String output) implements Behaviour {}

        record RunsUntilKilled() implements Behaviour {}

        /** Is gone without an exit code. */
        record Vanishes() implements Behaviour {}
    }

    private final Function<CommandLine, Behaviour> script;
    private final Map<Path, Outcome> ended = new ConcurrentHashMap<>();
    private final Map<Path, Boolean> running = new ConcurrentHashMap<>();
    private final List<CommandLine> started = new ArrayList<>();

    public FakeProcesses(Function<CommandLine, Behaviour> script) {
        this.script = script;
    }

    /** All commands that were started, in order. */
    public List<CommandLine> started() {
        synchronized (started) {
            return List.copyOf(started);
        }
    }

    @Override
    public String bootId() {
        return "boot-1";
    }

    @Override
    public RunningCommand start(CommandLine command) throws IOException {
        synchronized (started) {
            started.add(command);
        }
        switch (script.apply(command)) {
            case Behaviour.Ends(int code, String output) -> {
                Files.writeString(command.runFolder().resolve("output"), output);
                ended.put(command.runFolder(), new Outcome.Exited(code));
            }
            case Behaviour.RunsUntilKilled() -> running.put(command.runFolder(), true);
            case Behaviour.Vanishes() ->
                ended.put(command.runFolder(), new Outcome.Vanished(false, "the fake let it vanish"));
        }
        return new Fake(command.runFolder());
    }

    @Override
    public RunningCommand attach(Path runFolder) {
        if (!running.containsKey(runFolder)) {
            ended.putIfAbsent(runFolder, new Outcome.NotStarted());
        }
        return new Fake(runFolder);
    }

    private final class Fake implements RunningCommand {
        private final Path folder;

        private Fake(Path folder) {
            this.folder = folder;
        }

        @Override
        public Optional<Outcome> await(Duration atMost) {
            return Optional.ofNullable(ended.get(folder));
        }

        @Override
        public List<String> alive() {
            return running.containsKey(folder) ? List.of("fake (4242)") : List.of();
        }

        @Override
        public void kill() {
            if (running.remove(folder) != null) {
                ended.put(folder, new Outcome.Vanished(false, "killed"));
            }
        }

        @Override
        public long pid() {
            return running.containsKey(folder) ? 4242 : 0;
        }
    }
}
