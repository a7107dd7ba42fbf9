package dev.vmext.agent.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Scopes of systemd on a machine with cgroup v2: the words that start a command in one. Looks once at what this systemd can do, at the
 * first command. Thread-safe.
 */
final class Scopes {
    private static final System.Logger LOG = System.getLogger(Scopes.class.getName());
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /**
     * Where a scope knows this property its default ends the whole scope when one process is killed for memory, and with it whatever an
     * extension left running there. Older ones do not know it, and leave the others alone.
     */
    private static final String OOM_POLICY = "OOMPolicy";

    /** What is looked at; a private one for tests. */
    private final Path machine;

    /** -1 until it was asked, 0 when there is none. */
    private int version = -1;

    private volatile boolean knowsOomPolicy = true;

    Scopes(Path machine) {
        this.machine = machine;
    }

    /** Whether commands can have limits here. */
    boolean usable() {
        return Files.isDirectory(machine.resolve("run/systemd/system"))
                && Files.exists(machine.resolve("sys/fs/cgroup/cgroup.controllers"))
                && version() > 0;
    }

    /**
     * What stands before a command. systemd-run makes the scope, moves itself there and becomes the command, so the process and its
     * session stay the same.
     */
    List<String> words(Confinement confinement) {
        List<String> words = new ArrayList<>(List.of(
                "systemd-run",
                "--scope",
                "--quiet",
                // A scope that lost a process for memory counts as failed, and would stay for ever with its name.
                "--collect",
                "--slice=" + confinement.slice(),
                "--unit=" + confinement.scope()));
        add(words, "CPUAccounting=yes");
        add(words, "MemoryAccounting=yes");
        add(words, "TasksAccounting=yes");
        confinement.cpuPercent().ifPresent(percent -> add(words, "CPUQuota=" + percent + "%"));
        confinement.memoryMiB().ifPresent(mib -> {
            add(words, "MemoryMax=" + mib + "M");
            // Else what leaks fills the swap first, and slows down everything else on the machine.
            add(words, "MemorySwapMax=0");
        });
        confinement.tasks().ifPresent(tasks -> add(words, "TasksMax=" + tasks));
        if (knowsOomPolicy) {
            add(words, OOM_POLICY + "=continue");
        }
        words.add("--");
        return words;
    }

    /**
     * A scope could not be made.
     *
     * @param said by systemd-run
     * @return whether it can be tried again with other words
     */
    boolean refused(String said) {
        boolean again = knowsOomPolicy && said.contains(OOM_POLICY);
        knowsOomPolicy &= !again;
        return again;
    }

    private static void add(List<String> words, String property) {
        words.add("-p");
        words.add(property);
    }

    private synchronized int version() {
        if (version < 0) {
            version = ask();
            LOG.log(
                    System.Logger.Level.INFO,
                    version > 0
                            ? "Commands run in scopes of systemd " + version
                            : "Commands run without limits: systemd-run does not answer");
        }
        return version;
    }

    /** {@code systemd 252 (252.38-1~deb12u1)}. */
    private static int ask() {
        try {
            Process process = new ProcessBuilder("systemd-run", "--version")
                    .redirectErrorStream(true)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .start();
            if (!process.waitFor(PATIENCE)) {
                process.destroyForcibly();
                return 0;
            }
            String said = new String(process.getInputStream().readNBytes(200), StandardCharsets.UTF_8);
            return parseVersion(said);
        } catch (IOException notInstalled) {
            return 0;
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    static int parseVersion(String said) {
        String[] words = said.split("\\s+", -1);
        String digits = words.length > 1 && words[0].equals("systemd") ? words[1].replaceFirst("[^0-9].*", "") : "";
        return digits.matches("[0-9]{1,6}") ? Integer.parseInt(digits) : 0;
    }
}
