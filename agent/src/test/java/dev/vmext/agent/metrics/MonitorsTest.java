package dev.vmext.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.vmext.agent.run.LinuxProbes;
import dev.vmext.agent.run.Monitoring;
import dev.vmext.packageformat.manifest.FindingType;
import dev.vmext.packageformat.manifest.MonitoringFile;
import dev.vmext.packageformat.manifest.MonitoringProbe;
import dev.vmext.packageformat.manifest.Severity;
import dev.vmext.protocol.finding.FindingReport;
import dev.vmext.protocol.finding.FindingSeverity;
import dev.vmext.protocol.metrics.OtlpMetrics;
import dev.vmext.protocol.metrics.PrometheusText;
import dev.vmext.protocol.metrics.Sample;
import dev.vmext.protocol.opamp.Bytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Endpoints over HTTP and unix sockets, probes, and what comes of them, with real sockets and threads. */
@Timeout(120)
class MonitorsTest {
    @TempDir
    private Path temp;

    private final Taken taken = new Taken();
    private final List<FindingReport> findings = new ArrayList<>();
    private volatile String page = "a 1\n";
    private volatile int status = 200;
    private HttpServer http;
    private Monitors monitors;

    /** A gateway that takes everything. */
    private static final class Taken implements Uplink {
        private final List<Sample> samples = new ArrayList<>();

        @Override
        public synchronized Said post(byte[] zipped) throws IOException {
            try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(zipped))) {
                samples.addAll(OtlpMetrics.decode(in.readAllBytes(), OtlpMetrics.LIMITS)
                        .samples());
            }
            notifyAll();
            return new Said(200, null, Bytes.EMPTY);
        }

        synchronized List<String> lines() {
            return samples.stream()
                    .map(sample -> sample.series() + " " + PrometheusText.number(sample.value()))
                    .toList();
        }

        synchronized Sample await(Predicate<Sample> wanted) throws InterruptedException {
            while (true) {
                for (Sample sample : samples) {
                    if (wanted.test(sample)) {
                        return sample;
                    }
                }
                wait();
            }
        }

        void awaitLine(String line) throws InterruptedException {
            var _ = await(sample -> (sample.series() + " " + PrometheusText.number(sample.value())).equals(line));
        }

        synchronized void forget() {
            samples.clear();
        }
    }

    @BeforeEach
    void start() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/metrics", exchange -> {
            byte[] body = page.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
            exchange.sendResponseHeaders(status, 0); // in chunks
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        http.start();
        monitors = monitors();
        monitors.offered(true);
    }

    private Monitors monitors() throws IOException {
        return new Monitors(
                temp.resolve("metrics"),
                new Monitors.World(
                        taken,
                        new LinuxProbes(Map.of("PATH", "/usr/bin:/bin")),
                        finding -> {
                            synchronized (findings) {
                                findings.add(finding);
                                findings.notifyAll();
                            }
                        },
                        InstantSource.system(),
                        Thread::sleep,
                        new Random(3),
                        "salt",
                        1),
                1 << 20,
                new Sender.Waits(Duration.ofMillis(10), Duration.ofMillis(10), Duration.ofMillis(50)));
    }

    @AfterEach
    void stop() {
        monitors.only(Set.of());
        http.stop(0);
    }

    private static final List<FindingType> DECLARED = List.of(
            new FindingType("other", Severity.LOW, "", null),
            new FindingType("application-unhealthy", Severity.CRITICAL, "", null));

    private void declare(String monitoringJson) {
        MonitoringFile file = MonitoringFile.parse(
                monitoringJson.replace("PORT", "" + http.getAddress().getPort()).getBytes(StandardCharsets.UTF_8));
        monitors.only(Set.of("i"));
        monitors.declared(new Monitoring.Declared("i", "acme.App", temp, file.metrics(), file.probes(), DECLARED));
    }

    private FindingReport awaitFinding(int number) throws InterruptedException {
        synchronized (findings) {
            while (findings.size() <= number) {
                findings.wait();
            }
            return findings.get(number);
        }
    }

    private static final String ONE =
            "{\"v\":1,\"metrics\":[{\"name\":\"app\",\"url\":\"http://127.0.0.1:PORT/metrics\",\"intervalSec\":1%s}]}";

    @Test
    void takesMetricsOverHttpWithLabelsOfItsOwn() throws InterruptedException {
        page = "# TYPE b_total counter\nb_total{source=\"x\",k=\"v\",machine=\"m\",__n=\"n\"} 7\na 1\nskip 2\n";
        declare(ONE.formatted(",\"drop\":\"skip\",\"labels\":{\"role\":\"web\"}"));
        taken.awaitLine(
                "b_total{exported_machine=\"m\",exported_source=\"x\",installation=\"i\",k=\"v\",role=\"web\",source=\"app\"} 7");
        taken.awaitLine("a{installation=\"i\",role=\"web\",source=\"app\"} 1");
        taken.awaitLine("up{installation=\"i\",role=\"web\",source=\"app\"} 1");
        taken.awaitLine("scrape_samples_scraped{installation=\"i\",role=\"web\",source=\"app\"} 3");
        taken.awaitLine("vmext_metrics_dropped_samples_total 0");
        assertThat(taken.lines()).noneMatch(line -> line.startsWith("skip"));
    }

    @Test
    @SuppressWarnings("try") // the target goes away in the middle of the test
    void takesMetricsOverAUnixSocket() throws Exception {
        Path socket = temp.resolve("s");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            Thread serving = Thread.ofVirtual().start(() -> serve(server));
            declare("{\"v\":1,\"metrics\":[{\"name\":\"s\",\"socket\":\"" + socket
                    + "\",\"path\":\"/x?y\",\"intervalSec\":1}]}");
            taken.awaitLine("path{installation=\"i\",p=\"/x?y\",source=\"s\"} 1");
            server.close();
            serving.join();
            taken.awaitLine("up{installation=\"i\",source=\"s\"} 0");
        }
    }

    private static void serve(ServerSocketChannel server) {
        try {
            while (true) {
                try (SocketChannel client = server.accept()) {
                    ByteBuffer request = ByteBuffer.allocate(4096);
                    while (!new String(request.array(), 0, request.position(), StandardCharsets.US_ASCII)
                            .contains("\r\n\r\n")) {
                        client.read(request);
                    }
                    String path = new String(request.array(), StandardCharsets.US_ASCII).split(" ", 3)[1];
                    client.write(ByteBuffer.wrap(("HTTP/1.1 200 OK\r\n\r\npath{p=\"" + path + "\"} 1\n")
                            .getBytes(StandardCharsets.US_ASCII)));
                }
            }
        } catch (java.nio.channels.ClosedChannelException closed) {
            // the test goes on without it
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Test
    void seriesEndWhenTheyGoWhenTheTargetFailsAndWhenItIsGone() throws InterruptedException {
        page = "a 1\nb 2\n";
        declare(ONE.formatted(""));
        taken.awaitLine("b{installation=\"i\",source=\"app\"} 2");
        page = "a 1\n";
        taken.awaitLine("b{installation=\"i\",source=\"app\"} NaN");
        status = 500;
        taken.awaitLine("a{installation=\"i\",source=\"app\"} NaN");
        taken.awaitLine("up{installation=\"i\",source=\"app\"} 0");
        status = 200;
        taken.forget();
        taken.awaitLine("a{installation=\"i\",source=\"app\"} 1");
        monitors.only(Set.of());
        taken.awaitLine("up{installation=\"i\",source=\"app\"} NaN");
        taken.awaitLine("a{installation=\"i\",source=\"app\"} NaN");
        // What an old look still tells changes nothing.
        taken.forget();
        monitors.declared(new Monitoring.Declared("i", "acme.App", temp, List.of(), List.of(), List.of()));
        assertThat(taken.lines()).isEmpty();
    }

    @Test
    void moreSeriesThanAllowedAreLeftOutAndTold() throws InterruptedException {
        page = "a 1\nb 2\n";
        declare(ONE.formatted(",\"maxSeries\":2"));
        assertThat(awaitFinding(0).resolved()).isTrue();
        page = "c 3\nb 2\na 1\n";
        FindingReport over = awaitFinding(1);
        assertThat(over.type()).isEqualTo("metrics-cardinality");
        assertThat(over.subject()).isEqualTo("app");
        assertThat(over.resolved()).isFalse();
        assertThat(over.evidence()).containsEntry("leftOut", "1").containsEntry("maxSeries", "2");
        assertThat(taken.lines()).noneMatch(line -> line.startsWith("c{")).noneMatch(line -> line.endsWith("NaN"));
        page = "c 3\na 1\n";
        assertThat(awaitFinding(2).resolved()).isTrue();
        taken.awaitLine("c{installation=\"i\",source=\"app\"} 3");
        taken.awaitLine("b{installation=\"i\",source=\"app\"} NaN");
    }

    @Test
    void whatNeverAnswersIsGivenUpAtItsTimeAndEndsAtOnceWhenItIsGone() throws Exception {
        try (ServerSocketChannel silent = ServerSocketChannel.open()) {
            silent.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            int port = ((InetSocketAddress) silent.getLocalAddress()).getPort();
            declare("{\"v\":1,\"metrics\":[{\"name\":\"s\",\"url\":\"http://127.0.0.1:" + port
                    + "/\",\"intervalSec\":1,\"timeoutSec\":1}]}");
            taken.awaitLine("up{installation=\"i\",source=\"s\"} 0");
            monitors.only(Set.of());
            taken.awaitLine("up{installation=\"i\",source=\"s\"} NaN");
        }
    }

    @Test
    void probesBecomeMetricsAndFindings() throws InterruptedException {
        declare(
                "{\"v\":1,\"probes\":[{\"name\":\"page\",\"http\":{\"url\":\"http://127.0.0.1:PORT/metrics\"},\"intervalSec\":1,"
                        + "\"graceSec\":0,\"failureThreshold\":1,\"health\":false,\"finding\":\"application-unhealthy\"}]}");
        String labels = "{installation=\"i\",probe=\"page\",source=\"probes\"} ";
        taken.awaitLine("vmext_probe_success" + labels + "1");
        taken.awaitLine("vmext_probe_healthy" + labels + "1");
        assertThat(awaitFinding(0).resolved()).isTrue();
        status = 503;
        FindingReport opened = awaitFinding(1);
        assertThat(opened.resolved()).isFalse();
        assertThat(opened.type()).isEqualTo("application-unhealthy");
        assertThat(opened.subject()).isEqualTo("page");
        assertThat(opened.severity()).as("as the package declares").isEqualTo(FindingSeverity.CRITICAL);
        assertThat(opened.evidence()).containsEntry("error", "it answered 503 instead of 200");
        taken.awaitLine("vmext_probe_success" + labels + "0");
        monitors.only(Set.of());
        assertThat(awaitFinding(2).resolved()).isTrue();
        taken.awaitLine("vmext_probe_success" + labels + "NaN");
    }

    @Test
    void probesOfHealthAreToldByWhoeverAsksThem() throws InterruptedException {
        monitors.only(Set.of("i"));
        MonitoringProbe probe = MonitoringFile.parse(
                        "{\"v\":1,\"probes\":[{\"name\":\"p\",\"tcp\":{\"port\":1}}]}".getBytes(StandardCharsets.UTF_8))
                .probes()
                .getFirst();
        monitors.probed(new Monitoring.Probed(
                "i", "acme.App", probe, InstantSource.system().instant(), Duration.ofMillis(250), "refused", null));
        String labels = "{installation=\"i\",probe=\"p\",source=\"probes\"} ";
        taken.awaitLine("vmext_probe_duration_seconds" + labels + "0.25");
        assertThat(taken.lines()).noneMatch(line -> line.startsWith("vmext_probe_healthy"));
    }

    @Test
    void withoutAnOfferNothingIsTakenAndItIsRememberedWhenThereWasOne() throws Exception {
        monitors.offered(false);
        declare(ONE.formatted(""));
        assertThat(temp.resolve("metrics/offered")).doesNotExist();
        monitors.offered(true);
        taken.awaitLine("a{installation=\"i\",source=\"app\"} 1");
        monitors.only(Set.of());
        taken.forget();
        monitors = monitors();
        declare(ONE.formatted(""));
        taken.awaitLine("a{installation=\"i\",source=\"app\"} 1");
    }

    @Test
    void anEndpointThatIsDeclaredAnewGoesOnWithItsSeries() throws InterruptedException {
        declare(ONE.formatted(""));
        taken.awaitLine("a{installation=\"i\",source=\"app\"} 1");
        declare(ONE.formatted(",\"timeoutSec\":3"));
        page = "a 2\n";
        taken.awaitLine("a{installation=\"i\",source=\"app\"} 2");
        assertThat(taken.lines()).noneMatch(line -> line.endsWith("NaN"));
    }
}
