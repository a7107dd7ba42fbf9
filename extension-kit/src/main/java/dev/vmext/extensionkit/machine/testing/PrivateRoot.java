package dev.vmext.extensionkit.machine.testing;

import dev.vmext.extensionkit.machine.Programs;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A machine of its own for a test, with the programs of this one: a root in memory over this machine's file system, and name spaces
 * for mounts, processes and network. Accounts, packages and files changed in there are gone with it, and nothing of this
 * machine changes. Needs root and Linux. One thread may close it; {@link #run} may be called from many.
 */
public final class PrivateRoot implements AutoCloseable {
    /** What the machine is made of, before it becomes the root of what runs in there. */
    private static final String SETUP = """
        set -e
        mount --make-rprivate /
        mount -t tmpfs -o size=1g tmpfs "$1"
        mkdir "$1/upper" "$1/work" "$1/root"
        mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" overlay "$1/root"
        cd "$1/root"
        mount -t tmpfs tmpfs run
        mount -t tmpfs tmpfs tmp
        chmod 1777 tmp
        mkdir -p run/lock run/sshd
        mount -t proc proc proc
        mount --rbind /dev dev
        shift
        for folder in "$@"; do
            mkdir -p "./$folder"
            mount --bind "$folder" "./$folder"
        done
        ip link set lo up 2>/dev/null || true
        # Lives as long as somebody holds the other end of its input, and takes in who was left behind.
        exec chroot . sh -c 'exec 3<&0; cat <&3 > /dev/null & echo ready; wait $!'
        """;

    private static final Duration LONGEST = Duration.ofMinutes(10);

    private final Process holder;
    private final long inside;
    private final Path folder;

    private PrivateRoot(Process holder, long inside, Path folder) {
        this.holder = holder;
        this.inside = inside;
        this.folder = folder;
    }

    /**
     * Makes the machine.
     *
     * @param emptyFolder where its file system is put together; nothing of it is seen outside
     * @param shared folders of this machine that are the very same in there, to be read and written from both sides
     */
    public static PrivateRoot in(Path emptyFolder, List<Path> shared) throws IOException {
        List<String> command = new ArrayList<>(
                List.of("unshare", "--mount", "--pid", "--net", "--ipc", "--fork", "--kill-child", "sh", "-c", SETUP));
        command.add("setup");
        command.add(Files.createDirectories(emptyFolder).toString());
        shared.forEach(path -> command.add(path.toAbsolutePath().normalize().toString()));
        Process holder = new ProcessBuilder(command).redirectErrorStream(true).start();
        StringBuilder said = new StringBuilder();
        // Read by hand: a reader with a buffer would wait for more than the line.
        for (int c = holder.getInputStream().read();
                c >= 0 && !said.toString().endsWith("ready\n");
                c = said.toString().endsWith("ready\n")
                        ? -1
                        : holder.getInputStream().read()) {
            said.append((char) c);
        }
        if (!said.toString().endsWith("ready\n")) {
            holder.destroyForcibly();
            throw new IOException("cannot make a private root (it needs root, unshare and overlay mounts): " + said);
        }
        long inside = holder.children()
                .findFirst()
                .orElseThrow(() -> new IOException("the private root has no process"))
                .pid();
        return new PrivateRoot(holder, inside, emptyFolder);
    }

    /** A program to be started in there; the first word is looked up on the PATH of the root. */
    public ProcessBuilder builder(List<String> words) {
        List<String> command = new ArrayList<>(List.of(
                "nsenter", "--target", Long.toString(inside), "--mount", "--pid", "--net", "--ipc", "--root", "--wd"));
        command.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.clear();
        environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        environment.put("LC_ALL", "C.UTF-8");
        environment.put("HOME", "/root");
        return builder;
    }

    /** Runs a program in there to its end; output of both kinds is one text. Ten minutes are too long. */
    public Programs.Result run(String input, List<String> words) throws IOException {
        return run(LONGEST, input, words);
    }

    private Programs.Result run(Duration timeout, String input, List<String> words) throws IOException {
        Path output = Files.createTempFile("private-root", ".out");
        try {
            Process process = builder(words).redirectOutput(output.toFile()).start();
            try (OutputStream in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // It ended without reading all of it.
            }
            boolean ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                process.destroyForcibly().waitFor();
            }
            return new Programs.Result(
                    ended ? process.exitValue() : Programs.Result.TOO_LONG, Files.readString(output));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            Files.delete(output);
        }
    }

    /** Its root as seen from outside: for a handler that runs here and works there. Only relative links lead where they do in there. */
    public Path path() {
        return Path.of("/proc/" + inside + "/root");
    }

    /** Programs that run in there; what names a file below {@link #path} names it as it is called in there. */
    public Programs programs() {
        String prefix = path() + "/";
        return (timeout, input, command) -> {
            try {
                return run(
                        timeout,
                        input,
                        command.stream().map(word -> word.replace(prefix, "/")).toList());
            } catch (IOException e) {
                throw new UncheckedIOException("cannot run " + command.getFirst(), e);
            }
        };
    }

    /** A line for the shell in there. */
    public Programs.Result sh(String line) throws IOException {
        return run("", List.of("sh", "-c", line));
    }

    /** The same, which must go well; the answer is what it said, without spaces around it. */
    public String ok(String line) throws IOException {
        Programs.Result result = sh(line);
        if (!result.ok()) {
            throw new AssertionError(line + " ended with " + result.exitCode() + ": " + result.output());
        }
        return result.output().strip();
    }

    /** Writes a file in there, with its mode in octal digits. */
    public void write(String path, String text, String mode) throws IOException {
        Programs.Result result = run(
                text,
                List.of(
                        "sh",
                        "-c",
                        "mkdir -p \"${1%/*}\" && cat > \"$1\" && chmod \"$2\" \"$1\"",
                        "write",
                        path,
                        mode));
        if (!result.ok()) {
            throw new IOException("cannot write " + path + ": " + result.output());
        }
    }

    /** Ends everything that runs in there; the file system goes with it. */
    @Override
    public void close() {
        ProcessHandle.of(inside).ifPresent(ProcessHandle::destroyForcibly);
        try {
            holder.destroyForcibly().waitFor();
            Files.deleteIfExists(folder);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + folder, e);
        }
    }
}
