package dev.vmext.bench.metrics;

import dev.vmext.protocol.metrics.Sample;
import dev.vmext.protocol.metrics.SeriesKey;
import dev.vmext.protocol.opamp.ProtoWriter;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Debian's Prometheus as a process on loopback, fed through its remote-write receiver. Its log of writes is not synced. */
@SuppressWarnings("try") // close waits for a process, which may be interrupted
final class Prometheus implements Target {
    private static final Path PROGRAM = Path.of("/usr/bin/prometheus");
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Pattern POINT = Pattern.compile("\\[[0-9.]+,\"");

    private final Path data;
    private final Process process;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String base;

    Prometheus(Path folder) throws IOException, InterruptedException {
        if (!Files.isExecutable(PROGRAM)) {
            throw new IllegalStateException("there is no " + PROGRAM + ": apt-get install prometheus");
        }
        this.data = Files.createDirectories(folder.resolve("data"));
        Path config = folder.resolve("prometheus.yml");
        Files.writeString(config, "{}\n");
        int port = freePort();
        this.base = "http://127.0.0.1:" + port;
        this.process = new ProcessBuilder(
                        PROGRAM.toString(),
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + data,
                        "--storage.tsdb.retention.time=10y",
                        "--web.enable-remote-write-receiver",
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        Instant end = Instant.now().plus(SOON);
        while (!ready()) {
            if (Instant.now().isAfter(end) || !process.isAlive()) {
                close();
                throw new IOException("Prometheus does not start: " + Files.readString(folder.resolve("log")));
            }
            Thread.sleep(100);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private boolean ready() throws InterruptedException {
        try {
            return client.send(
                                    HttpRequest.newBuilder(URI.create(base + "/-/ready"))
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public String name() {
        return "Prometheus";
    }

    @Override
    public void send(String machine, List<Sample> samples) throws IOException, InterruptedException {
        Map<SeriesKey, List<Sample>> bySeries = new LinkedHashMap<>();
        samples.forEach(sample -> bySeries.computeIfAbsent(sample.series(), none -> new ArrayList<>())
                .add(sample));
        ProtoWriter out = new ProtoWriter(64 << 20);
        bySeries.forEach((key, list) -> {
            int series = out.begin(1);
            Map<String, String> labels = new TreeMap<>(key.labels());
            labels.put("__name__", key.name());
            labels.put("machine", machine);
            labels.forEach((name, value) -> {
                int label = out.begin(1);
                out.string(1, name);
                out.string(2, value);
                out.end(label);
            });
            list.forEach(sample -> {
                int point = out.begin(2);
                out.realPresent(1, sample.value());
                out.varint(2, sample.timeMillis());
                out.end(point);
            });
            out.end(series);
        });
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(URI.create(base + "/api/v1/write"))
                        .header("Content-Type", "application/x-protobuf")
                        .header("Content-Encoding", "snappy")
                        .header("X-Prometheus-Remote-Write-Version", "0.1.0")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(SnappyLiterals.of(out.toArray())))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException("Prometheus did not take samples: " + answer.statusCode() + " " + answer.body());
        }
    }

    /** It compacts by itself, looking once a minute. */
    @Override
    public void settle() throws InterruptedException {
        Thread.sleep(Duration.ofSeconds(75));
    }

    @Override
    public int mean(String machine, int series, long from, long to, long step)
            throws IOException, InterruptedException {
        String query =
                "avg_over_time(" + Workload.key(series).name() + "{machine=\"" + machine + "\"}[" + step / 1000 + "s])";
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(URI.create(base + "/api/v1/query_range?query="
                                + URLEncoder.encode(query, StandardCharsets.UTF_8) + "&start=" + (from + step) / 1000
                                + "&end=" + to / 1000 + "&step=" + step / 1000))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException("Prometheus did not answer: " + answer.body());
        }
        return (int) POINT.matcher(answer.body()).results().count();
    }

    @Override
    public long resident() throws IOException {
        return ProcessMemory.residentMebibytes(process.pid());
    }

    @Override
    public Path data() {
        return data;
    }

    @Override
    public void close() throws InterruptedException {
        client.close();
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
