package dev.vmext.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.vmext.protocol.metrics.MetricKind;
import dev.vmext.protocol.metrics.Sample;
import dev.vmext.protocol.metrics.SeriesKey;
import dev.vmext.server.json.StrictJson;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked about metrics over real HTTP, and a real Prometheus that scrapes the control plane. */
class MetricApiIT {
    private static final String MACHINES = "/v1/projects/default/machines";
    private static final SeriesKey LOAD = SeriesKey.of("node_load1", Map.of("installation", "metrics"));

    @TempDir
    Path folder;

    private TestServer server;
    private final long now = Instant.now().toEpochMilli() / 60_000 * 60_000 - 60_000;

    @BeforeEach
    void start() {
        server = new TestServer(folder);
        for (String machine : List.of("web1", "web2", "db1")) {
            assertThat(server.post(
                                    MACHINES,
                                    "{\"name\": \"%s\", \"provider\": \"memory\", \"memoryMiB\": 256}"
                                            .formatted(machine))
                            .status())
                    .isEqualTo(201);
        }
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void put(String machine, Sample... samples) {
        String id = server.get(MACHINES + "/" + machine).json().path("id").asText();
        Objects.requireNonNull(server.metrics).append(id, List.of(samples)).join();
    }

    private Sample load(int minutesAgo, double value) {
        return new Sample(LOAD, MetricKind.GAUGE, now - minutesAgo * 60_000L, value);
    }

    private Sample bytes(String way, int minutesAgo, double value) {
        return new Sample(
                SeriesKey.of("net_bytes_total", Map.of("way", way)),
                MetricKind.COUNTER,
                now - minutesAgo * 60_000L,
                value);
    }

    private String time(int minutesAgo) {
        return Instant.ofEpochMilli(now - minutesAgo * 60_000L).toString();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static List<String> values(JsonNode series) {
        List<String> values = new ArrayList<>();
        series.path("values").forEach(value -> values.add(value.asText()));
        return values;
    }

    @Test
    void showsWhatAMachineMeasures() {
        put("web1", load(1, 0.25), bytes("in", 1, 10), Sample.end(LOAD, MetricKind.GAUGE, now));

        JsonNode answer = server.get(MACHINES + "/web1/metrics").json();
        assertThat(answer.path("series")).hasSize(2);
        assertThat(answer.at("/series/1/name").asText()).isEqualTo("node_load1");
        assertThat(answer.at("/series/1/ended").asBoolean()).isTrue();
        assertThat(answer.at("/series/0/value").asDouble()).isEqualTo(10);
        assertThat(answer.at("/series/0/labels/machine").asText()).isEqualTo("web1");
        assertThat(server.get(MACHINES + "/web2/metrics").json().path("series")).isEmpty();
        assertThat(server.get(MACHINES + "/nobody/metrics").code()).isEqualTo("machine-not-found");
    }

    @Test
    void answersAboutATimeInSteps() {
        put("web1", bytes("in", 3, 60), bytes("in", 2, 120), bytes("in", 1, 30), bytes("out", 2, 5));
        String path =
                MACHINES + "/web1/metrics/range?name=net_bytes_total&from=" + time(3) + "&to=" + time(0) + "&step=1m";

        JsonNode rate = server.get(path + "&match=way=in").json();
        assertThat(rate.path("stepSeconds").asInt()).isEqualTo(60);
        assertThat(rate.path("series")).hasSize(1);
        assertThat(values(rate.at("/series/0"))).containsExactly("null", "1.0", "0.5");
        assertThat(server.get(path + "&aggregate=last").json().path("series")).hasSize(2);
    }

    @Test
    void putsMachinesTogether() {
        put("web1", load(1, 1));
        put("web2", load(1, 3));
        put("db1", load(1, 8));
        String path =
                "/v1/projects/default/metrics/range?name=node_load1&from=" + time(1) + "&to=" + time(0) + "&step=1m";

        JsonNode byMachine = server.get(path + "&by=machine").json();
        assertThat(byMachine.path("series")).hasSize(3);
        assertThat(byMachine.at("/series/0/labels/machine").asText()).isEqualTo("db1");
        assertThat(values(server.get(path + "&combine=sum").json().at("/series/0")))
                .containsExactly("12.0");
        assertThat(values(server.get(path + "&aggregate=quantile&q=0.5").json().at("/series/0")))
                .containsExactly("3.0");
        assertThat(values(server.get(path + "&combine=max&match=" + encoded("machine=~web."))
                        .json()
                        .at("/series/0")))
                .containsExactly("3.0");
    }

    @Test
    void saysWhatIsWrongWithAQuestion() {
        Map.of(
                        "step=fast",
                        "step",
                        "aggregate=median",
                        "aggregate",
                        "from=yesterday",
                        "from",
                        "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
                        "from",
                        "from=2020-01-01T00:00:00Z&step=1s",
                        "step",
                        "match=" + encoded("way"),
                        "match",
                        "match=" + encoded("way=~("),
                        "match",
                        "combine=middle",
                        "combine",
                        "aggregate=quantile&q=2",
                        "q")
                .forEach((question, parameter) -> {
                    var answer = server.get(MACHINES + "/web1/metrics/range?name=x&" + question);
                    assertThat(answer.status()).as(question).isEqualTo(400);
                    assertThat(answer.json().path("detail").asText())
                            .as(question)
                            .contains("query parameter " + parameter);
                });
        assertThat(server.get("/v1/projects/default/metrics/range")
                        .json()
                        .path("detail")
                        .asText())
                .contains("name: it is missing");
        assertThat(server.get("/v1/projects/other/federate?" + encoded("match[]") + "=up")
                        .code())
                .isEqualTo("project-not-found");
        assertThat(server.get("/v1/projects/default/federate?" + encoded("match[]") + "=" + encoded("up{"))
                        .code())
                .isEqualTo("invalid-value");
    }

    @Test
    void aStopAndAStartLoseNothing() {
        put("web1", load(1, 0.5));
        server.restart();

        assertThat(server.get(MACHINES + "/web1/metrics")
                        .json()
                        .at("/series/0/value")
                        .asDouble())
                .isEqualTo(0.5);
        JsonNode status = server.get("/v1/status").json().path("metrics");
        assertThat(status.path("series").asInt()).isEqualTo(1);
        assertThat(status.path("bytes").asLong()).isPositive();
    }

    @Test
    void promtoolReadsTheExposition() throws Exception {
        Path tool = program("promtool");
        put("web1", load(0, 0.25), bytes("in", 0, 12_345_678_901.0), bytes("o\"u\\t\n", 0, 1));

        byte[] text = server.get(
                        "/v1/projects/default/federate?" + encoded("match[]") + "=" + encoded("{__name__=~\".+\"}"))
                .response()
                .body();
        Process promtool = new ProcessBuilder(tool.toString(), "check", "metrics")
                .redirectErrorStream(true)
                .start();
        promtool.getOutputStream().write(text);
        promtool.getOutputStream().close();
        String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        promtool.waitFor();
        assertThat(said).doesNotContain("error while linting").doesNotContain("parse");
        assertThat(new String(text, StandardCharsets.UTF_8))
                .contains("node_load1{installation=\"metrics\",machine=\"web1\"} 0.25 " + now);
    }

    @Test
    void aRealPrometheusScrapesIt() throws Exception {
        Path program = program("prometheus");
        put("web1", load(0, 0.25), bytes("in", 0, 100));
        put("db1", load(0, 4));
        int port = freePort();
        URI api = URI.create(server.api());
        Path config = folder.resolve("prometheus.yml");
        Files.writeString(config, """
                global: {scrape_interval: 1s}
                scrape_configs:
                - job_name: vmext
                  honor_labels: true
                  metrics_path: /v1/projects/default/federate
                  params: {'match[]': ['{__name__=~"node_.*"}', 'net_bytes_total']}
                  authorization: {credentials: "%s"}
                  static_configs: [{targets: ["%s:%d"]}]
                """.formatted(server.token, api.getHost(), api.getPort()));
        Process prometheus = new ProcessBuilder(
                        program.toString(),
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + folder.resolve("tsdb"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
        try {
            JsonNode found = ask(port, "node_load1{machine=\"db1\"}");
            assertThat(found.at("/data/result/0/metric/installation").asText()).isEqualTo("metrics");
            assertThat(found.at("/data/result/0/value/1").asText()).isEqualTo("4");
            assertThat(ask(port, "net_bytes_total").at("/data/result/0/value/1").asText())
                    .isEqualTo("100");
        } finally {
            prometheus.destroy();
            if (!prometheus.waitFor(20, TimeUnit.SECONDS)) {
                prometheus.destroyForcibly();
            }
        }
    }

    private JsonNode ask(int port, String query) throws Exception {
        Instant end = Instant.now().plus(Duration.ofSeconds(60));
        try (HttpClient client = HttpClient.newHttpClient()) {
            while (true) {
                JsonNode answer = asked(client, port, query);
                if (answer.at("/data/result").size() > 0) {
                    return answer;
                }
                if (Instant.now().isAfter(end)) {
                    throw new AssertionError(
                            "Prometheus has no " + query + ": " + Files.readString(folder.resolve("prometheus.log")));
                }
                new CountDownLatch(1).await(200, TimeUnit.MILLISECONDS);
            }
        }
    }

    private static JsonNode asked(HttpClient client, int port, String query) throws InterruptedException {
        try {
            var response = client.send(
                    HttpRequest.newBuilder(
                                    URI.create("http://127.0.0.1:" + port + "/api/v1/query?query=" + encoded(query)))
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            return StrictJson.tree(response.body());
        } catch (IOException | RuntimeException e) {
            return MissingNode.getInstance();
        }
    }

    /** On PATH: the check puts it there. Without the check, a host that has none skips the test. */
    private static Path program(String name) {
        List<Path> found = Stream.of(
                        Objects.requireNonNullElse(System.getenv("PATH"), "").split(":", -1))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .toList();
        assumeThat(found).as(name + " on PATH").isNotEmpty();
        return found.getFirst();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
