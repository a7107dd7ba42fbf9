package dev.vmext.customscript;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.vmext.extensionkit.HandlerRun;
import dev.vmext.extensionkit.HandlerRun.Surroundings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files and downloads for a script, from a real server that may misbehave; and how often a script runs. */
final class FilesIT {
    private static final byte[] TOOL = "#!/bin/sh\necho the tool says $1\n".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path root;

    private Path base;
    private HttpServer server;
    private final List<String> asked = new ArrayList<>();
    private final List<Duration> pauses = new ArrayList<>();
    private final ByteArrayOutputStream standardError = new ByteArrayOutputStream();

    @BeforeEach
    void start() throws Exception {
        base = root.resolve("handlers/motd/vmext.CustomScript-1.1.0");
        Files.createDirectories(base.resolve("config"));
        Files.createDirectories(base.resolve("status"));
        Files.writeString(base.resolve("HandlerEnvironment.json"), """
            [{"name": "vmext.CustomScript", "version": 1.0, "handlerEnvironment": {"logFolder": "%s/log", \
            "configFolder": "%s/config", "statusFolder": "%s/status", "heartbeatFile": "%s/heartbeat.log"}}]\
            """.formatted(root, base, base, base));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/tool", exchange -> answer(exchange, 200, TOOL));
        server.createContext("/secret", exchange -> {
            boolean allowed =
                    "Bearer letmein1".equals(exchange.getRequestHeaders().getFirst("Authorization"));
            answer(exchange, allowed ? 200 : 403, TOOL);
        });
        server.createContext("/breaks", this::breaksOnce);
        server.createContext("/busy", exchange -> answer(exchange, asked.size() < 3 ? 503 : 200, TOOL));
        server.start();
    }

    @AfterEach
    void end() {
        server.stop(0);
    }

    private synchronized void answer(HttpExchange exchange, int code, byte[] body) throws IOException {
        asked.add(exchange.getRequestURI().getPath());
        try (exchange) {
            exchange.sendResponseHeaders(code, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /** Half of it and then nothing; the rest to whoever asks for the rest. */
    private synchronized void breaksOnce(HttpExchange exchange) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        asked.add("breaks " + range);
        int half = TOOL.length / 2;
        if (range == null) {
            exchange.sendResponseHeaders(200, TOOL.length);
            exchange.getResponseBody().write(TOOL, 0, half);
            exchange.getResponseBody().flush();
            exchange.close();
            return;
        }
        try (exchange) {
            exchange.sendResponseHeaders(206, TOOL.length - half);
            exchange.getResponseBody().write(TOOL, half, TOOL.length - half);
        }
    }

    private String file(String path) throws Exception {
        return "\"url\":\"http://127.0.0.1:%d%s\",\"digest\":\"%s\""
                .formatted(server.getAddress().getPort(), path, digest(TOOL));
    }

    private static String digest(byte[] bytes) throws Exception {
        return "sha256:"
                + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private int enable(int number, String settings) throws Exception {
        Files.writeString(
                base.resolve("config/" + number + ".settings"),
                "{\"runtimeSettings\": [{\"handlerSettings\": {\"publicSettings\": " + settings + "}}]}");
        return run(number, "enable");
    }

    private int run(int number, String command) {
        Stopwatch stopwatch = new Stopwatch() {
            @Override
            public long nanos() {
                return System.nanoTime();
            }

            @Override
            public void pause(Duration time) {
                pauses.add(time);
                Thread.onSpinWait();
            }
        };
        CustomScript handler = new CustomScript(new ProcessTable(Path.of("/proc"), stopwatch), stopwatch, Map.of());
        return new HandlerRun(
                        handler,
                        new Surroundings(
                                Map.of("ConfigSequenceNumber", Integer.toString(number)),
                                base,
                                42,
                                InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z")),
                                new PrintStream(standardError, true, StandardCharsets.UTF_8)))
                .run(List.of(command));
    }

    private String status(int number) throws IOException {
        return Files.readString(base.resolve("status/" + number + ".status"));
    }

    @Test
    void filesAreThereBeforeTheScriptRuns() throws Exception {
        int code = enable(
                1,
                "{\"script\":\"./tool yes; cat note; ls -l tool note | cut -c 1-10; test \\\"$VMEXT_SCRIPT_FILES\\\" ="
                        + " \\\"$PWD\\\" && echo same\",\"files\":[{\"name\":\"tool\"," + file("/tool")
                        + ",\"executable\":true},{\"name\":\"note\",\"content\":\"a note\\n\"}]}");
        assertThat(code).isZero();
        assertThat(status(1)).contains("the tool says yes\\na note\\n-rw-------\\n-rwx------\\nsame\\n");
    }

    @Test
    void aDownloadedFileIsTheScriptItself() throws Exception {
        enable(
                1,
                "{\"scriptFile\":\"tool\",\"arguments\":[\"no\"],\"files\":[{\"name\":\"tool\"," + file("/tool")
                        + "}]}");
        assertThat(status(1)).contains("the tool says no\\n", "exit code 0");
    }

    @Test
    void aProgramIsRunAsItIs() throws Exception {
        byte[] program = Files.readAllBytes(Path.of("/bin/echo"));
        server.createContext("/program", exchange -> answer(exchange, 200, program));
        enable(
                1,
                "{\"scriptFile\":\"p\",\"arguments\":[\"hello\"],\"files\":[{\"name\":\"p\",\"url\":\"http://127.0.0.1:%d/program\",\"digest\":\"%s\"}]}"
                        .formatted(server.getAddress().getPort(), digest(program)));
        assertThat(status(1)).contains("hello\\n", "exit code 0");
    }

    @Test
    void whatHasAnotherDigestIsRefusedAndNothingRuns() throws Exception {
        String wrong = file("/tool").replaceAll("sha256:..", "sha256:00");
        int code = enable(1, "{\"script\":\"touch " + root + "/ran\",\"files\":[{\"name\":\"t\"," + wrong + "}]}");
        assertThat(code).isEqualTo(6);
        assertThat(status(1)).contains("cannot fetch the file t: what came has the digest " + digest(TOOL));
        assertThat(root.resolve("ran")).doesNotExist();
        assertThat(base.resolve("mrseq")).as("it may be tried again").doesNotExist();
        assertThat(enable(
                        1,
                        "{\"script\":\"touch " + root + "/ran\",\"files\":[{\"name\":\"t\"," + file("/tool") + "}]}"))
                .isZero();
        assertThat(root.resolve("ran")).exists();
    }

    @Test
    void aBrokenDownloadGoesOnWhereItBroke() throws Exception {
        enable(1, "{\"script\":\"cat t\",\"files\":[{\"name\":\"t\"," + file("/breaks") + "}]}");
        assertThat(status(1)).contains("the tool says $1");
        assertThat(asked).containsExactly("breaks null", "breaks bytes=" + TOOL.length / 2 + "-");
        assertThat(pauses).contains(Duration.ofSeconds(1));
    }

    @Test
    void aBusyServerIsAskedAgainAndARefusalIsNot() throws Exception {
        assertThat(enable(1, "{\"script\":\"true\",\"files\":[{\"name\":\"t\"," + file("/busy") + "}]}"))
                .isZero();
        assertThat(asked).containsExactly("/busy", "/busy", "/busy", "/busy");
        asked.clear();
        assertThat(enable(2, "{\"script\":\"true\",\"files\":[{\"name\":\"t\"," + file("/secret") + "}]}"))
                .isEqualTo(6);
        assertThat(asked).hasSize(1);
        assertThat(status(2)).contains("the server answered 403").doesNotContain("/secret");
        server.stop(0);
        assertThat(enable(3, "{\"script\":\"true\",\"files\":[{\"name\":\"t\"," + file("/tool") + "}]}"))
                .isEqualTo(6);
        assertThat(status(3)).contains("Check the network of the machine");
    }

    @Test
    void onceMeansOnceUntilSomebodyAsksForARerun() throws Exception {
        String script =
                "{\"run\":\"once\",\"script\":\"echo x >> " + root + "/runs; exit $(cat " + root + "/code)\"%s}";
        Path runs = root.resolve("runs");
        Files.writeString(root.resolve("code"), "3");
        enable(1, script.formatted(""));
        Files.writeString(root.resolve("code"), "0");
        enable(2, script.formatted(",\"timeoutSeconds\":60"));
        assertThat(runs).as("one that failed runs again with the next change").hasContent("x\nx");
        enable(3, script.formatted(",\"timeoutSeconds\":61"));
        assertThat(status(3)).contains("Nothing to do: the script ended well at 2026-01-01T00:00:00Z", "rerun");
        assertThat(runs).hasContent("x\nx");
        enable(4, script.formatted(",\"timeoutSeconds\":61"));
        assertThat(runs).as("the same settings again are a rerun").hasContent("x\nx\nx");

        // It outlives an update and goes with the installation.
        Path note = base.resolveSibling("vmext.CustomScript.ended-well");
        Files.createDirectories(base.resolveSibling("vmext.CustomScript-1.1.1"));
        assertThat(run(4, "uninstall")).isZero();
        assertThat(note).exists();
        Files.delete(base.resolveSibling("vmext.CustomScript-1.1.1"));
        assertThat(run(4, "uninstall")).isZero();
        assertThat(note).doesNotExist();
    }

    @Test
    void aRunLeavesNothingOfFormerFiles() throws Exception {
        enable(1, "{\"script\":\"true\",\"files\":[{\"name\":\"old\",\"content\":\"\"}]}");
        enable(2, "{\"script\":\"ls\",\"files\":[{\"name\":\"new\",\"content\":\"\"}]}");
        assertThat(status(2)).contains("new\\n").doesNotContain("old");
        run(2, "uninstall");
        try (Stream<Path> left = Files.list(base)) {
            assertThat(left.map(p -> String.valueOf(p.getFileName()))).doesNotContain("runs");
        }
    }
}
