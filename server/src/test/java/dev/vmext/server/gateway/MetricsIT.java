package dev.vmext.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.protocol.metrics.MetricBatch;
import dev.vmext.protocol.metrics.MetricKind;
import dev.vmext.protocol.metrics.OtlpMetrics;
import dev.vmext.protocol.metrics.Sample;
import dev.vmext.protocol.metrics.SeriesKey;
import dev.vmext.protocol.opamp.AgentCapabilities;
import dev.vmext.protocol.opamp.ConnectionSettingsOffers;
import dev.vmext.protocol.opamp.ServerToAgent;
import dev.vmext.server.metrics.Newest;
import dev.vmext.server.metrics.SeriesSelector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Metrics on their way in: over mutual TLS, in gzip, once, within limits. */
class MetricsIT {
    private static final String[] HEADERS = {"Content-Type", OtlpMetrics.CONTENT_TYPE, "Content-Encoding", "gzip"};
    private static final SeriesKey LOAD = SeriesKey.of("node_load1", Map.of("installation", "metrics"));

    @TempDir
    Path home;

    private GatewayFixture plane;
    private ScriptedAgent agent;

    @BeforeEach
    void start() throws Exception {
        plane = new GatewayFixture(home);
        agent = plane.enrolled("web1");
    }

    @AfterEach
    void stop() {
        plane.close();
    }

    private Sample sample(int second, double value) {
        return new Sample(LOAD, MetricKind.GAUGE, plane.clock.millis() - 60_000 + second * 1000L, value);
    }

    private static byte[] zipped(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
            zip.write(plain);
        }
        return bytes.toByteArray();
    }

    private HttpResponse<byte[]> send(long number, List<Sample> samples) throws Exception {
        return agent.post(
                "/v1/metrics", zipped(OtlpMetrics.encode(new MetricBatch("epoch", number, samples))), HEADERS);
    }

    private List<Newest> newest() {
        return plane.metrics.newest(plane.metrics.machines(), SeriesSelector.ALL);
    }

    @Test
    void storesABatchUnderTheMachineOfTheCertificate() throws Exception {
        HttpResponse<byte[]> answer = send(1, List.of(sample(0, 0.25), sample(1, 0.5)));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(OtlpMetrics.decodeAnswer(answer.body())).isEqualTo(new OtlpMetrics.Answer(0, ""));
        assertThat(newest()).singleElement().satisfies(one -> {
            assertThat(one.machine())
                    .isEqualTo(plane.fleet
                            .machineRecord(GatewayFixture.PROJECT, "web1")
                            .id());
            assertThat(one.value()).isEqualTo(0.5);
        });
    }

    @Test
    void storesABatchThatIsSentAgainOnce() throws Exception {
        List<Sample> batch = List.of(sample(0, 1), sample(1, 2));
        send(1, batch);
        HttpResponse<byte[]> again = send(1, batch);

        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(plane.metrics.size().bytes()).isEqualTo(2 * (Long.BYTES + Double.BYTES));
    }

    @Test
    void refusesWhatIsNoOtlp() throws Exception {
        HttpResponse<byte[]> noise =
                agent.post("/v1/metrics", zipped("noise".getBytes(StandardCharsets.UTF_8)), HEADERS);
        HttpResponse<byte[]> notZipped = agent.post("/v1/metrics", new byte[] {1, 2, 3}, HEADERS);
        HttpResponse<byte[]> json =
                agent.post("/v1/metrics", new byte[] {'{', '}'}, "Content-Type", "application/json");

        assertThat(List.of(noise, notZipped, json)).allSatisfy(answer -> {
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("malformed-request");
        });
        assertThat(newest()).isEmpty();
    }

    @Test
    void refusesWhatUnpacksToTooMuch() throws Exception {
        HttpResponse<byte[]> answer =
                agent.post("/v1/metrics", zipped(new byte[OtlpMetrics.LIMITS.maxMessageBytes() + 1]), HEADERS);

        assertThat(answer.statusCode()).isEqualTo(413);
    }

    @Test
    void anExpiredCertificateStoresNothing() throws Exception {
        plane.clock.advance(Duration.ofDays(31));

        assertThat(send(1, List.of(sample(0, 1))).statusCode()).isEqualTo(401);
        assertThat(newest()).isEmpty();
    }

    @Test
    void aMachineThatSendsTooMuchIsToldWhenToComeBack() throws Exception {
        List<Sample> many = new ArrayList<>();
        for (int i = 0; i < GatewayFixture.SAMPLES_AT_ONCE; i++) {
            many.add(new Sample(
                    SeriesKey.of("many", Map.of("n", "" + i % 100)),
                    MetricKind.GAUGE,
                    plane.clock.millis() - 60_000 + i,
                    i));
        }
        assertThat(send(1, many).statusCode()).isEqualTo(200);

        HttpResponse<byte[]> refused = send(2, List.of(sample(0, 1)));
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
        assertThat(new String(refused.body(), StandardCharsets.UTF_8)).contains("too-many-samples");

        plane.clock.advance(Duration.ofSeconds(1));
        assertThat(send(2, List.of(sample(0, 1))).statusCode()).isEqualTo(200);
    }

    @Test
    void tellsWhichSamplesItDidNotTake() throws Exception {
        HttpResponse<byte[]> answer = send(1, List.of(sample(0, 1), sample(3600, 2)));

        assertThat(answer.statusCode()).isEqualTo(200);
        OtlpMetrics.Answer said = OtlpMetrics.decodeAnswer(answer.body());
        assertThat(said.rejectedPoints()).isEqualTo(1);
        assertThat(said.reason()).contains("look at the machine's clock");
        assertThat(plane.refusals.find(newest().getFirst().machine()))
                .hasValueSatisfying(refusal -> assertThat(refusal.samples()).isEqualTo(1));
    }

    @Test
    void anAgentThatReportsMetricsIsToldWhereTo() throws Exception {
        agent.connectWithCertificate();
        ServerToAgent answer = agent.ask(
                agent.message().capabilities(AgentCapabilities.REPORTS_STATUS | AgentCapabilities.REPORTS_OWN_METRICS));

        ConnectionSettingsOffers offers = Objects.requireNonNull(answer.connectionSettings());
        assertThat(Objects.requireNonNull(offers.ownMetrics()).destinationEndpoint())
                .isEqualTo("https://localhost:" + plane.gateway.port() + "/v1/metrics");
        assertThat(offers.opamp()).as("stays as it is").isNull();
    }
}
