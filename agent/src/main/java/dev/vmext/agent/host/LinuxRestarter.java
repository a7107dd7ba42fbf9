package dev.vmext.agent.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Restarts through systemd, else through {@code shutdown}; both tell users who are logged in, and systemd keeps the reason in its
 * journal. Refuses where the machine is not the agent's own: below a private root and in a container. Any thread.
 */
public final class LinuxRestarter implements Restarter {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int MAX_REASON = 200;

    private final Path root;
    private final Path machine;
    private final Map<String, String> environment;
    private final Commands commands;

    /** Runs a program to its end. */
    interface Commands {
        /** What it printed. Throws when it fails or does not end. */
        String run(List<String> command, Map<String, String> environment) throws IOException;
    }

    /**
     * Restarts this machine.
     *
     * @param root of the agent's files
     * @param environment for the programs it calls, with a PATH
     */
    public LinuxRestarter(Path root, Map<String, String> environment) {
        this(root, Path.of("/"), environment, LinuxRestarter::run);
    }

    LinuxRestarter(Path root, Path machine, Map<String, String> environment, Commands commands) {
        this.root = root;
        this.machine = machine;
        this.environment = Map.copyOf(environment);
        this.commands = commands;
    }

    @Override
    public void restart(String reason) throws IOException {
        if (root.getNameCount() > 0) {
            throw new IOException("cannot restart the machine: this agent works below " + root + ", not on a machine");
        }
        String container = container();
        if (!container.isEmpty()) {
            throw new IOException(
                    "cannot restart the machine: this is a container (" + container + "); restart it from outside");
        }
        String said = printable(reason);
        commands.run(
                Files.isDirectory(machine.resolve("run/systemd/system"))
                        ? List.of("systemctl", "--no-block", "--message=vmext: " + said, "reboot")
                        : List.of("shutdown", "-r", "now", "vmext: " + said),
                environment);
    }

    private static String printable(String reason) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < reason.length() && text.length() < MAX_REASON; i++) {
            char c = reason.charAt(i);
            text.append(c >= ' ' && c != 0x7f ? c : ' ');
        }
        return text.toString();
    }

    /** What kind of container this is, empty on a machine. */
    private String container() throws IOException {
        Path systemd = machine.resolve("run/systemd/container");
        if (Files.exists(systemd)) {
            return Files.readString(systemd, StandardCharsets.UTF_8).strip();
        }
        for (String marker : List.of(".dockerenv", "run/.containerenv")) {
            if (Files.exists(machine.resolve(marker))) {
                return marker;
            }
        }
        return "";
    }

    private static String run(List<String> command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            if (!process.waitFor(PATIENCE)) {
                process.destroyForcibly();
                throw new IOException("cannot restart the machine: " + command.getFirst() + " did not end within "
                        + PATIENCE.toSeconds() + " s");
            }
            String said = new String(process.getInputStream().readNBytes(2048), StandardCharsets.UTF_8).strip();
            if (process.exitValue() != 0) {
                throw new IOException("cannot restart the machine: " + command.getFirst() + " ended with exit code "
                        + process.exitValue() + ": " + said);
            }
            return said;
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new IOException("cannot restart the machine: the agent ends", stopping);
        }
    }
}
