package dev.vmext.agent.process.testing;

import dev.vmext.agent.process.CommandLine;
import dev.vmext.agent.process.Outcome;
import dev.vmext.agent.process.Processes;
import dev.vmext.agent.process.RunningCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A machine's processes in memory, all of them commands of handlers that do what handlers do: write a status file, remember the last
 * sequence number, start and stop a service. Unlike {@link FakeProcesses} it lives longer than an agent: give the same object to the
 * next one. What an agent can know of a command lies in its run folder as with the real ones, so that a disk that loses it loses it
 * here, too. Waits for nothing: time passes by the hook. One thread.
 */
public final class FakeHandlers implements Processes {
    /** One call of a handler's command. */
    public record Call(String installation, String version, String word, String sequence) {
        @Override
        public String toString() {
            return installation + " " + version + " " + word + " " + sequence;
        }
    }

    /** What a command does. */
    public sealed interface Behaviour {
        record Succeeds() implements Behaviour {}

        /** Ends with this code and has done nothing. */
        record Exits(int code) implements Behaviour {}

        /** Enable ends well, but its status file says error. */
        record SaysError() implements Behaviour {}

        /** Runs until it is killed. */
        record Hangs() implements Behaviour {}
    }

    /** What the world around does about it. */
    public interface Surroundings {
        /** Something is about to happen; may throw instead. */
        void effect(String what);

        /** Carries out what is not the agent's doing. */
        void byOthers(Runnable work);

        /** An agent waits that long for a command that does not end. */
        void passes(Duration time);
    }

    private record Running(Call call, Behaviour behaviour, Path folder, Path base) {}

    private final Surroundings surroundings;
    private final List<Call> calls = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private final Map<Long, Running> running = new TreeMap<>();
    private final Map<String, String> services = new HashMap<>();
    private Function<Call, Behaviour> script = call -> new Behaviour.Succeeds();
    private long lastPid = 100;
    private int boots = 1;

    public FakeHandlers(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /**
     * The same machine's processes in a copy of the machine, which goes its own way from here on.
     *
     * @param disk from a path to the same on the copy's disk
     */
    public FakeHandlers copy(Surroundings around, UnaryOperator<Path> disk) {
        FakeHandlers copy = new FakeHandlers(around);
        copy.calls.addAll(calls);
        copy.faults.addAll(faults);
        running.forEach((pid, one) -> copy.running.put(
                pid, new Running(one.call(), one.behaviour(), disk.apply(one.folder()), disk.apply(one.base()))));
        copy.services.putAll(services);
        copy.script = script;
        copy.lastPid = lastPid;
        copy.boots = boots;
        return copy;
    }

    /** Decides what commands do from now on. */
    public void script(Function<Call, Behaviour> behaviours) {
        script = behaviours;
    }

    /** Every command that began, in order. */
    public List<Call> calls() {
        return List.copyOf(calls);
    }

    /** What no agent may do, and one did. */
    public List<String> faults() {
        return List.copyOf(faults);
    }

    /** Which version's service runs, by installation. */
    public Map<String, String> services() {
        return new TreeMap<>(services);
    }

    /** Commands that have begun and not ended. */
    public int alive() {
        return running.size();
    }

    /**
     * The machine went down and came up again: no process is left, and services are started by nobody.
     *
     * @param worked whether commands under way had done their work, though not told
     */
    public void reboot(boolean worked) {
        if (worked) {
            surroundings.byOthers(() -> running.values().forEach(this::work));
        }
        running.clear();
        services.clear();
        boots++;
    }

    @Override
    public String bootId() {
        return "boot-" + boots;
    }

    @Override
    public RunningCommand start(CommandLine command) throws IOException {
        Call call = call(command);
        surroundings.effect("start " + call);
        for (Running other : running.values()) {
            if (other.call().installation().equals(call.installation())) {
                faults.add(call + " begins while " + other.call() + " runs");
            }
        }
        surroundings.byOthers(() -> begin(call, command));
        surroundings.effect("started " + call);
        return new Command(command.runFolder());
    }

    private void begin(Call call, CommandLine command) {
        try {
            Files.createDirectory(command.runFolder().resolve("claim"));
        } catch (FileAlreadyExistsException given) {
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        calls.add(call);
        long pid = ++lastPid;
        running.put(pid, new Running(call, script.apply(call), command.runFolder(), command.workingFolder()));
        write(command.runFolder().resolve("pid"), pid + " 1 " + bootId());
    }

    private static Call call(CommandLine command) {
        Path base = command.workingFolder();
        String folder = String.valueOf(base.getFileName());
        String installation = String.valueOf(base.resolveSibling("").getFileName());
        String text = command.text();
        return new Call(
                installation,
                folder.substring(folder.indexOf('-') + 1),
                text.substring(text.lastIndexOf(' ') + 1),
                command.environment().getOrDefault("ConfigSequenceNumber", "none"));
    }

    @Override
    public RunningCommand attach(Path runFolder) {
        return new Command(runFolder);
    }

    private static void write(Path file, String text) {
        try {
            Path next = file.resolveSibling(file.getFileName() + ".new");
            Files.writeString(next, text);
            Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the command changes in the world. */
    private void work(Running one) {
        if (one.behaviour() instanceof Behaviour.Exits || one.behaviour() instanceof Behaviour.Hangs) {
            return;
        }
        Call call = one.call();
        switch (call.word()) {
            case "enable" -> {
                if (!Files.isDirectory(one.base().resolve("status"))) {
                    faults.add(call + " finds no status folder");
                    return;
                }
                checkSettings(one);
                boolean error = one.behaviour() instanceof Behaviour.SaysError;
                write(one.base().resolve("mrseq"), call.sequence());
                write(
                        one.base().resolve("status").resolve(call.sequence() + ".status"),
                        "[{\"version\": 1.0, \"status\": {\"operation\": \"Enable\", \"status\": \""
                                + (error ? "error" : "success")
                                + "\", \"code\": 0, \"formattedMessage\": {\"lang\": \"en-US\", \"message\": \"said by "
                                + call.version() + "\"}}}]");
                services.put(call.installation(), call.version());
            }
            case "disable" -> services.remove(call.installation(), call.version());
            case "uninstall" -> {
                if (call.version().equals(services.get(call.installation()))) {
                    faults.add(call + " while its service runs");
                }
            }
            default -> {
                // install and update leave nothing that anybody looks at
            }
        }
    }

    private void checkSettings(Running one) {
        Path settings = one.base().resolve("config").resolve(one.call().sequence() + ".settings");
        try {
            if (!Files.exists(settings) || !Files.readString(settings).contains("runtimeSettings")) {
                faults.add(one.call() + " finds no settings");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Command implements RunningCommand {
        private final Path folder;

        private Command(Path folder) {
            this.folder = folder;
        }

        @Override
        public Optional<Outcome> await(Duration atMost) throws IOException {
            Optional<String> exit = read("exit");
            if (exit.isPresent()) {
                return Optional.of(new Outcome.Exited(Integer.parseInt(exit.get())));
            }
            Optional<String[]> handle =
                    read("pid").map(text -> text.split(" ", -1)).filter(parts -> parts.length == 3);
            if (handle.isEmpty()) {
                return Optional.of(neverStarted());
            }
            long pid = Long.parseLong(handle.get()[0]);
            boolean rebooted = !handle.get()[2].equals(bootId());
            Running one = rebooted ? null : running.get(pid);
            if (one == null) {
                return Optional.of(new Outcome.Vanished(rebooted, "process " + pid + " left no exit code"));
            }
            if (one.behaviour() instanceof Behaviour.Hangs) {
                surroundings.passes(atMost);
                return Optional.empty();
            }
            int code = one.behaviour() instanceof Behaviour.Exits(int given) ? given : 0;
            surroundings.byOthers(() -> {
                work(one);
                write(folder.resolve("output"), "output of " + one.call() + "\n");
                write(folder.resolve("exit"), String.valueOf(code));
                running.remove(pid);
            });
            return Optional.of(new Outcome.Exited(code));
        }

        /** As the real one: whoever makes the claim decides. */
        private Outcome neverStarted() throws IOException {
            if (Files.exists(folder.resolve("claim")) && !Files.exists(folder.resolve("given-up"))) {
                return new Outcome.Vanished(true, "the command was about to start when it was lost");
            }
            Files.createDirectories(folder);
            if (!Files.exists(folder.resolve("claim"))) {
                Files.createDirectory(folder.resolve("claim"));
                Files.createFile(folder.resolve("given-up"));
            }
            return new Outcome.NotStarted();
        }

        private Optional<String> read(String name) throws IOException {
            Path file = folder.resolve(name);
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            return Optional.of(Files.readString(file)).filter(text -> !text.isEmpty());
        }

        @Override
        public void kill() throws IOException {
            surroundings.effect("kill in " + folder.getFileName());
            running.values().removeIf(one -> one.folder().equals(folder));
        }

        @Override
        public List<String> alive() {
            return running.values().stream()
                    .filter(one -> one.folder().equals(folder))
                    .map(one -> one.call().word())
                    .toList();
        }

        @Override
        public long pid() {
            return running.entrySet().stream()
                    .filter(one -> one.getValue().folder().equals(folder))
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElse(0L);
        }
    }
}
