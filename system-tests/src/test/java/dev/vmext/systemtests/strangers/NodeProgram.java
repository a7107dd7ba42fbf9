package dev.vmext.systemtests.strangers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Repository;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** One of the programs in {@code src/test/node}, which speaks lines of JSON and ends with its input. Any thread. */
@SuppressWarnings("try") // close waits for a process, which a test may interrupt
final class NodeProgram implements AutoCloseable {
    private static final Path HOME = Repository.ROOT.resolve("system-tests/src/test/node");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration SOON = Duration.ofSeconds(60);

    private final Process process;
    private final Thread reader;
    private final List<JsonNode> said = new CopyOnWriteArrayList<>();
    private final List<String> garbage = new CopyOnWriteArrayList<>();

    NodeProgram(String script, String... arguments) throws IOException {
        if (!Files.exists(HOME.resolve("node_modules/.vmext-lock"))) {
            throw new AssertionError(
                    "the programs of other people are not there; run system-tests/src/test/node/install.sh");
        }
        List<String> command =
                new ArrayList<>(List.of("node", HOME.resolve(script).toString()));
        command.addAll(List.of(arguments));
        this.process = new ProcessBuilder(command).redirectErrorStream(true).start();
        this.reader = Thread.ofPlatform().daemon().start(this::read);
    }

    private void read() {
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("{")) {
                    said.add(JSON.readTree(line));
                } else {
                    garbage.add(line);
                }
            }
        } catch (IOException ended) {
            garbage.add(ended.toString());
        }
    }

    /** The lines so far. */
    List<JsonNode> said() {
        return List.copyOf(said);
    }

    /** Waits for the first line of which this is true. */
    JsonNode await(String what, Predicate<JsonNode> wanted) throws Exception {
        Eventually.until(
                what + "; it also printed " + garbage,
                SOON,
                this::said,
                lines -> lines.stream().anyMatch(wanted));
        return said.stream().filter(wanted).findFirst().orElseThrow();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            process.waitFor();
            throw new AssertionError("it does not end with its input; it printed " + garbage);
        }
        reader.join();
    }
}
