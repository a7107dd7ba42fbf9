package dev.vmext.agent.run;

import dev.vmext.packageformat.manifest.Probe;
import dev.vmext.packageformat.manifest.ProbeCheck;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Probes against the machine itself. No state; any thread. */
public final class LinuxProbes implements Probes {
    private final Map<String, String> environment;

    /**
     * Asks with this environment.
     *
     * @param environment what of the agent's own environment programs may see
     */
    public LinuxProbes(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    @Override
    public Optional<String> ask(Probe probe, Path base) throws InterruptedException {
        try {
            return switch (probe.check()) {
                case ProbeCheck.Exec(List<String> command) -> exec(command, base, probe.timeout());
                case ProbeCheck.Http http -> new WebQuestion(http, probe.timeout()).ask();
                case ProbeCheck.Tcp(String host, int port) -> tcp(host, port, probe.timeout());
                case ProbeCheck.RunningProcess(String name) -> process(name);
                case ProbeCheck.ActiveUnit(String name) -> unit(name, base, probe.timeout());
            };
        } catch (IOException failed) {
            String message = failed.getMessage();
            return Optional.of(message == null ? failed.getClass().getSimpleName() : message);
        }
    }

    private Optional<String> exec(List<String> command, Path base, Duration timeout)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(command);
        if (!words.getFirst().startsWith("/")) {
            words.set(0, base.resolve(words.getFirst()).toString());
        }
        words.addFirst("setsid");
        ProcessBuilder builder = new ProcessBuilder(words)
                .directory(base.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectInput(Path.of("/dev/null").toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!process.waitFor(timeout)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            return Optional.of("it did not end within " + timeout.toSeconds() + " s");
        }
        int code = process.exitValue();
        return code == 0 ? Optional.empty() : Optional.of("it ended with exit code " + code);
    }

    private Optional<String> unit(String name, Path base, Duration timeout) throws IOException, InterruptedException {
        // systemctl answers with its exit code: 0 is active, 3 is not, 4 is no such unit.
        Optional<String> failure =
                exec(List.of("/usr/bin/env", "systemctl", "is-active", "--quiet", "--", name), base, timeout);
        return failure.map(why -> switch (why) {
            case "it ended with exit code 3" -> "the unit " + name + " is not active";
            case "it ended with exit code 4" -> "there is no unit " + name;
            default -> "systemctl does not tell about the unit " + name + ": " + why;
        });
    }

    private static Optional<String> tcp(String host, int port, Duration timeout) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), Math.toIntExact(timeout.toMillis()));
            return Optional.empty();
        }
    }

    private static Optional<String> process(String name) throws IOException {
        // The kernel keeps 15 characters of a name.
        String kept = name.length() > 15 ? name.substring(0, 15) : name;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path entry : entries) {
                try {
                    String found = Files.readString(entry.resolve("comm"), StandardCharsets.UTF_8)
                            .strip();
                    if (found.equals(kept)) {
                        return Optional.empty();
                    }
                } catch (IOException ended) {
                    // it ended while this looked at it
                }
            }
        }
        return Optional.of("no process " + name + " runs");
    }
}
