package dev.vmext.systemtests.commandline;

import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Product;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A command line that goes on, with somebody who watches what it prints. */
final class Following implements AutoCloseable {
    private final Process process;
    private final Path out;
    private final Path err;

    private Following(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    static Following of(Path home, String... arguments) throws IOException {
        Path out = Files.createTempFile("vmext-following", ".out");
        Path err = Files.createTempFile("vmext-following", ".err");
        ProcessBuilder builder = new ProcessBuilder(Product.command(arguments));
        builder.environment().putAll(Product.environment(home));
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.redirectOutput(out.toFile());
        builder.redirectError(err.toFile());
        return new Following(builder.start(), out, err);
    }

    String out() throws IOException {
        return Files.readString(out);
    }

    String err() throws IOException {
        return Files.readString(err);
    }

    void awaitOut(String text) throws Exception {
        Eventually.until(
                "it prints " + text + "; it said on the side: " + err(),
                Duration.ofSeconds(60),
                this::out,
                printed -> printed.contains(text));
    }

    void awaitErr(String text) throws Exception {
        Eventually.until("it remarks " + text, Duration.ofSeconds(60), this::err, remarks -> remarks.contains(text));
    }

    /** What Ctrl-C and a terminal that closes come to: it is asked to end and may do something about it. */
    void interrupt() {
        process.destroy();
    }

    int end() throws Exception {
        if (!process.waitFor(90, TimeUnit.SECONDS)) {
            throw new AssertionError("it does not end; it said " + out() + err());
        }
        return process.exitValue();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().join();
        Files.deleteIfExists(out);
        Files.deleteIfExists(err);
    }
}
