package dev.vmext.server.repository;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * One run of a program on this host, without input, to its end or its deadline, whatever keeps its output open. Reading goes on beside the
 * wait, so that neither a program that hangs nor a child that it left behind holds the caller for longer.
 */
final class HostRun {
    /** What a child that was left behind may still say. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);
    /** From being asked to end, so that it can clean up, to being killed. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    private HostRun() {}

    /** How it ended; {@code out} and {@code err} are cut at the size asked for. */
    record Ended(int code, String out, String err) {}

    /** It was not done in time, and was stopped. */
    static final class Late extends Exception {
        private static final long serialVersionUID = 1;
    }

    private static final class Reader {
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private final Thread thread;

        Reader(InputStream stream, int limit) {
            thread = Thread.ofVirtual().name("output-of-program").start(() -> read(stream, limit));
        }

        private void read(InputStream stream, int limit) {
            try (stream) {
                byte[] chunk = new byte[8192];
                int left = limit;
                for (int read = stream.read(chunk); read >= 0 && left > 0; read = stream.read(chunk)) {
                    int keep = Math.min(read, left);
                    synchronized (kept) {
                        kept.write(chunk, 0, keep);
                    }
                    left -= keep;
                }
                // It may say more, and must not wait for a reader.
                stream.transferTo(OutputStream.nullOutputStream());
            } catch (IOException killed) {
                // What it said so far is all there is.
            }
        }

        String text() throws InterruptedException {
            thread.join(LAST_WORDS);
            synchronized (kept) {
                return kept.toString(StandardCharsets.UTF_8);
            }
        }
    }

    /**
     * Runs it.
     *
     * @param keep bytes of each stream that are kept; what comes after them is read and forgotten
     * @throws IOException it cannot be started
     * @throws Late it did not end in time
     */
    static Ended run(ProcessBuilder builder, Duration longest, int keep)
            throws IOException, Late, InterruptedException {
        Process process = builder.redirectInput(
                        ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        try {
            Reader out = new Reader(process.getInputStream(), keep);
            Reader err = new Reader(process.getErrorStream(), keep);
            if (!process.waitFor(longest.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new Late();
            }
            return new Ended(process.exitValue(), out.text(), err.text());
        } finally {
            stop(process);
        }
    }

    /** Asks it and what it started to end, and kills what has not ended in time. */
    private static void stop(Process process) throws InterruptedException {
        if (!process.isAlive()) {
            return;
        }
        // Asked for first: what it started is nobody's any more once it is gone.
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        all.forEach(ProcessHandle::destroy);
        try {
            CompletableFuture.allOf(all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new))
                    .get(GRACE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException stillThere) {
            all.forEach(ProcessHandle::destroyForcibly);
        }
    }
}
