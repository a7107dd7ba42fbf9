package dev.vmext.extensionkit.machine;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Programs of this machine, with an environment of {@code PATH}, {@code LC_ALL=C.UTF-8} and what packages need to come and go without questions. Output
 * goes to a file, of which the last mebibyte is kept, so that a service a package starts cannot keep us waiting. Any thread.
 */
public final class RealPrograms implements Programs {
    /** Enough for the list of packages of a big machine; what comes before the end is lost. */
    private static final int KEPT = 1024 * 1024;

    @Override
    public Result run(Duration timeout, String input, List<String> command) {
        Path file = null;
        try {
            file = Files.createTempFile("vmext-program", ".out");
            return run(timeout, input, command, file);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Result(Result.TOO_LONG, "interrupted");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + command.getFirst(), e);
        } finally {
            if (file != null && !file.toFile().delete()) {
                file.toFile().deleteOnExit();
            }
        }
    }

    private static Result run(Duration timeout, String input, List<String> command, Path file)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(file.toFile()));
        Map<String, String> environment = builder.environment();
        String path = environment.getOrDefault("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        environment.clear();
        environment.put("PATH", path);
        environment.put("LC_ALL", "C.UTF-8");
        environment.put("DEBIAN_FRONTEND", "noninteractive");
        // Debian's sudo refuses to go where root has no password. Whoever takes it away here brought it, and the
        // machine was without it.
        environment.put("SUDO_FORCE_REMOVE", "yes");
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            return new Result(Result.MISSING, String.valueOf(e.getMessage()));
        }
        try (OutputStream out = process.getOutputStream()) {
            out.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It ended without reading all of it; its exit code and output say why.
        }
        boolean ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
        if (!ended) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(Math.max(0, Files.size(file) - KEPT));
            String output = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return new Result(ended ? process.exitValue() : Result.TOO_LONG, output);
        }
    }
}
