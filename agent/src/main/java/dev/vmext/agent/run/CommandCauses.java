package dev.vmext.agent.run;

import dev.vmext.agent.cause.Exits;
import dev.vmext.agent.cause.HandlerOutput;
import dev.vmext.agent.cause.HostView;
import dev.vmext.agent.cause.Reason;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Why a handler's command failed: its exit code, what it printed, the file it was, and what the machine says about space and memory. The
 * exit code is always kept; the class is that of the best explanation. No state; any thread.
 */
final class CommandCauses {
    private static final int LAST_WORDS = 400;
    private static final int KILLED = 137;
    private static final String OUT_OF_MEMORY =
            "look at what uses the memory; raise the machine's memory, or the limit of the handler";

    /**
     * A command that was run.
     *
     * @param word install, enable ...
     * @param extension whose
     * @param base the version's folder
     * @param text as the shell ran it, empty when the agent found it again and does not know
     * @param logs where its handler logs
     */
    record Ran(String word, String extension, Path base, String text, Path logs) {
        String sentence() {
            return "cannot " + word + " " + extension + ": ";
        }
    }

    private final HostView host;

    CommandCauses(HostView host) {
        this.host = host;
    }

    /** How often the kernel killed for memory until now; handed back after the command. */
    long memoryMark() {
        return host.outOfMemoryKills();
    }

    /**
     * It ended by itself, or by a signal that its shell saw.
     *
     * @param output the end of it, redacted
     */
    Cause exited(Ran ran, int code, String output, long memoryMark) {
        Map<String, String> evidence = new TreeMap<>();
        evidence.put("command", ran.word());
        evidence.put("exitCode", String.valueOf(code));
        String words = HandlerOutput.lastWords(output, LAST_WORDS);
        if (!words.isEmpty()) {
            evidence.put("lastOutput", words);
        }
        Optional<String> signal = Exits.signal(code);
        signal.ifPresent(name -> evidence.put("signal", name));
        Exits.convention(code).ifPresent(meant -> evidence.put("convention", meant));
        String ended = signal.isPresent()
                ? "the command was ended by " + signal.get() + " (exit code " + code + ")"
                : "the command ended with exit code " + code;
        Optional<Cause> memory = killedForMemory(ran, code, memoryMark, evidence, ended, output);
        if (memory.isPresent()) {
            return memory.get();
        }
        Optional<Reason> file =
                code == Exits.NOT_EXECUTABLE || code == Exits.NOT_FOUND ? startFailure(ran) : Optional.empty();
        Optional<Reason> reason = file.or(() -> signal.isPresent() ? Optional.empty() : HandlerOutput.explain(output));
        if (reason.isPresent()) {
            evidence.putAll(reason.get().evidence());
            addMount(evidence, reason.get().kind(), ran.base());
            addHolder(evidence);
            String says = file.isPresent()
                    ? reason.get().text()
                    : "its output says \"" + reason.get().text() + "\"";
            return new Cause(
                    reason.get().kind(),
                    ran.word(),
                    ran.sentence() + ended + "; " + says,
                    reason.get().hint(),
                    evidence);
        }
        Optional<HostView.Mount> full = fullMount(ran.base());
        if (full.isPresent()) {
            put(evidence, full.get());
            return new Cause(
                    CauseClass.DISK,
                    ran.word(),
                    ran.sentence() + ended + "; it does not say why, and the file system "
                            + full.get().point() + " is full",
                    "free space on " + full.get().point() + ", then ask for a rerun",
                    evidence);
        }
        return new Cause(
                signal.isPresent()
                        ? CauseClass.HANDLER_CRASH
                        : code == 51 ? CauseClass.PLATFORM : CauseClass.HANDLER_EXIT,
                ran.word(),
                ran.sentence() + ended + (words.isEmpty() ? "" : "; it last said \"" + words + "\""),
                signal.isPresent()
                        ? signalHint(signal.get(), ran)
                        : "look at its output and at the handler's log in " + ran.logs(),
                evidence);
    }

    private static String signalHint(String signal, Ran ran) {
        return switch (signal) {
            case "SIGKILL", "SIGTERM", "SIGHUP", "SIGINT" ->
                "somebody or something ended it: look at dmesg, at who restarts services there, and at the handler's log in "
                        + ran.logs();
            default ->
                "the program has a fault: give its publisher the handler's log in " + ran.logs() + " and a core file";
        };
    }

    private Optional<Cause> killedForMemory(
            Ran ran, int code, long mark, Map<String, String> evidence, String ended, String output) {
        boolean killed =
                code == KILLED || output.lines().anyMatch(line -> line.strip().endsWith("Killed"));
        long now = killed && mark >= 0 ? host.outOfMemoryKills() : -1;
        if (now <= mark || mark < 0) {
            return Optional.empty();
        }
        evidence.put("outOfMemoryKills", String.valueOf(now - mark));
        List<String> lines = host.outOfMemoryLines();
        if (!lines.isEmpty()) {
            evidence.put("kernel", lines.getLast());
        }
        return Optional.of(new Cause(
                CauseClass.MEMORY,
                ran.word(),
                ran.sentence() + ended + "; the kernel killed " + (now - mark) + " process(es) for memory meanwhile",
                OUT_OF_MEMORY,
                evidence));
    }

    /** The command's own file tells why a shell cannot start it. */
    private Optional<Reason> startFailure(Ran ran) {
        String word = ran.text().strip().split("\\s+", 2)[0];
        if (!word.startsWith("/")) {
            return Optional.empty();
        }
        Path file = Path.of(word);
        Map<String, String> evidence = new TreeMap<>();
        evidence.put("path", word);
        if (!Files.exists(file)) {
            return Optional.of(new Reason(
                    CauseClass.PACKAGE,
                    "the package has no file " + ran.base().relativize(file) + ", which its manifest names",
                    evidence,
                    "ask the publisher for a package whose manifest names a file of it"));
        }
        Optional<HostView.Mount> mount = host.mount(file);
        if (mount.isPresent() && mount.get().has("noexec")) {
            evidence.put("mount", mount.get().point());
            evidence.put("mountOptions", mount.get().options());
            return Optional.of(new Reason(
                    CauseClass.PERMISSION,
                    "the file system " + mount.get().point() + " is mounted noexec, so nothing on it can be run",
                    evidence,
                    "mount it with exec: mount -o remount,exec " + mount.get().point()));
        }
        if (!executable(file)) {
            return Optional.of(new Reason(
                    CauseClass.PACKAGE,
                    word + " has no execute bit",
                    evidence,
                    "the publisher must pack it with mode 0755"));
        }
        return interpreter(file).flatMap(line -> badInterpreter(line, evidence, word));
    }

    private static Optional<Reason> badInterpreter(String line, Map<String, String> evidence, String word) {
        String program = line.strip().split("\\s+", 2)[0];
        if (line.endsWith("\r")) {
            evidence.put("interpreter", program + "\\r");
            return Optional.of(new Reason(
                    CauseClass.PACKAGE,
                    "the first line of " + word + " ends with a carriage return, so its interpreter " + program
                            + "\\r does not exist",
                    evidence,
                    "the publisher must save it with Unix line ends"));
        }
        if (program.startsWith("/") && !Files.exists(Path.of(program))) {
            evidence.put("interpreter", program);
            return Optional.of(new Reason(
                    CauseClass.DEPENDENCY,
                    "its interpreter " + program + " is not on this machine",
                    evidence,
                    "install " + program + " on the machine"));
        }
        return Optional.empty();
    }

    private static boolean executable(Path file) {
        try {
            return Files.getPosixFilePermissions(file).stream()
                    .anyMatch(permission -> permission.name().endsWith("_EXECUTE"));
        } catch (IOException unreadable) {
            return true;
        }
    }

    /** What follows {@code #!}, with a carriage return if there is one. */
    private static Optional<String> interpreter(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            String start = new String(in.readNBytes(256), StandardCharsets.ISO_8859_1);
            int end = start.indexOf('\n');
            return start.startsWith("#!") && end > 2 ? Optional.of(start.substring(2, end)) : Optional.empty();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    /** It did not end in time and was killed, with its whole session. What it waited for is often in its last lines. */
    Cause timedOut(Ran ran, Duration deadline, long pid, List<String> alive, String output) {
        Map<String, String> evidence = new TreeMap<>();
        evidence.put("command", ran.word());
        evidence.put("seconds", String.valueOf(deadline.toSeconds()));
        evidence.put("pid", String.valueOf(pid));
        if (!alive.isEmpty()) {
            evidence.put("processes", String.join(", ", alive));
        }
        String words = HandlerOutput.lastWords(output, LAST_WORDS);
        if (!words.isEmpty()) {
            evidence.put("lastOutput", words);
        }
        Optional<Reason> reason = HandlerOutput.explain(output);
        CauseClass kind = CauseClass.TIMEOUT;
        String hint = "look at its output and at the handler's log in " + ran.logs()
                + "; the deadline is the package's unless the installation sets another";
        String says = alive.isEmpty() ? "" : "; at the end there ran " + String.join(", ", alive);
        if (reason.isPresent()) {
            // The command that did not end keeps its own pid; the one it waits for is named as holder.
            reason.get()
                    .evidence()
                    .forEach((name, value) -> evidence.put(name.equals("pid") ? "holderPid" : name, value));
            says += "; its output says \"" + reason.get().text() + "\"";
            if (reason.get().kind() == CauseClass.LOCK) {
                kind = CauseClass.LOCK;
                hint = reason.get().hint();
            }
        }
        return new Cause(
                kind,
                ran.word(),
                ran.sentence() + "the command did not end within " + deadline.toSeconds()
                        + " s and was killed with all its processes" + says,
                hint,
                evidence);
    }

    /** It is gone and left no exit code. */
    Cause vanished(Ran ran, String what, boolean rebooted, long memoryMark) {
        Map<String, String> evidence = new TreeMap<>();
        evidence.put("command", ran.word());
        evidence.put("evidence", what);
        // The kernel counts from its own start.
        long now = memoryMark < 0 || rebooted ? -1 : host.outOfMemoryKills();
        if (memoryMark >= 0 && now > memoryMark) {
            evidence.put("outOfMemoryKills", String.valueOf(now - memoryMark));
            return new Cause(
                    CauseClass.MEMORY,
                    ran.word(),
                    ran.sentence() + what + "; the kernel killed " + (now - memoryMark)
                            + " process(es) for memory meanwhile",
                    OUT_OF_MEMORY,
                    evidence);
        }
        Optional<HostView.Mount> full = fullMount(ran.base());
        if (full.isPresent()) {
            put(evidence, full.get());
            return new Cause(
                    CauseClass.DISK,
                    ran.word(),
                    ran.sentence() + what + ", and the file system "
                            + full.get().point() + " is full",
                    "free space on " + full.get().point() + ", then ask for a rerun",
                    evidence);
        }
        return new Cause(
                CauseClass.HANDLER_CRASH,
                ran.word(),
                "cannot tell what " + ran.word() + " of " + ran.extension() + " did: " + what,
                (rebooted ? "" : "find out who killed it; ") + "look at the handler's log in " + ran.logs()
                        + (rebooted ? " how far it came" : "") + ", then ask for a rerun",
                evidence);
    }

    /** Where something could not be written belongs to a file system, and that has free space and options. */
    Cause located(Cause cause, @Nullable Path otherwise) {
        Map<String, String> evidence = new TreeMap<>(cause.evidence());
        addMount(evidence, cause.kind(), otherwise);
        return evidence.size() == cause.evidence().size()
                ? cause
                : new Cause(cause.kind(), cause.step(), cause.message(), cause.hint(), evidence);
    }

    private void addMount(Map<String, String> evidence, CauseClass kind, @Nullable Path otherwise) {
        if (kind != CauseClass.DISK || evidence.containsKey("mount")) {
            return;
        }
        String path = evidence.get("path");
        Path named = path == null || !path.startsWith("/") ? otherwise : Path.of(path);
        if (named != null) {
            host.mount(named).ifPresent(mount -> put(evidence, mount));
        }
    }

    private static void put(Map<String, String> evidence, HostView.Mount mount) {
        evidence.put("mount", mount.point());
        evidence.put("freeBytes", String.valueOf(mount.freeBytes()));
        evidence.put("mountOptions", mount.options());
    }

    private void addHolder(Map<String, String> evidence) {
        String pid = evidence.get("pid");
        if (pid != null && !evidence.containsKey("holder")) {
            host.processName(Long.parseLong(pid)).ifPresent(name -> evidence.put("holder", name));
        }
    }

    private Optional<HostView.Mount> fullMount(Path base) {
        for (Path path : List.of(base, Path.of("/tmp"), Path.of("/var"), Path.of("/"))) {
            Optional<HostView.Mount> mount = host.mount(path).filter(HostView.Mount::full);
            if (mount.isPresent()) {
                return mount;
            }
        }
        return Optional.empty();
    }
}
