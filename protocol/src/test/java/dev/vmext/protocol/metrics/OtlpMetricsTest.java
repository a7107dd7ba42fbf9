package dev.vmext.protocol.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.vmext.protocol.opamp.MalformedMessageException;
import dev.vmext.protocol.opamp.MessageLimits;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsPartialSuccess;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our writer and reader beside the code that is generated from OpenTelemetry's own definitions. */
class OtlpMetricsTest {
    private static final double[] VALUES = {
        0,
        -0.0,
        1,
        -1,
        0.1,
        1e300,
        Double.MIN_VALUE,
        Double.MAX_VALUE,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Double.NaN
    };

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void writesWhatOpenTelemetryReadsAndReadsItBack(long seed) throws InvalidProtocolBufferException {
        Random random = new Random(seed);
        for (int i = 0; i < 50; i++) {
            MetricBatch batch = randomBatch(random);
            byte[] written = OtlpMetrics.encode(batch);
            OtlpMetrics.Reading read = OtlpMetrics.read(written, OtlpMetrics.LIMITS);
            assertThat(read.batch()).isEqualTo(batch);
            assertThat(read.rejectedPoints()).isZero();
            ExportMetricsServiceRequest theirs = ExportMetricsServiceRequest.parseFrom(written);
            assertThat(samplesOf(theirs)).isEqualTo(batch.samples());
            assertThat(OtlpMetrics.decode(theirs.toByteArray(), OtlpMetrics.LIMITS))
                    .isEqualTo(batch);
        }
    }

    private static MetricBatch randomBatch(Random random) {
        List<Sample> samples = new ArrayList<>();
        String[] names = {"up", "http_requests_total", "a:b:c", "_"};
        int count = random.nextInt(300);
        for (int i = 0; i < count; i++) {
            Map<String, String> labels = new TreeMap<>();
            for (int l = random.nextInt(5); l > 0; l--) {
                labels.put(
                        "l" + random.nextInt(9),
                        "v\"\\\n\u00e4\ud83d\ude00".repeat(random.nextInt(40)) + random.nextInt());
            }
            samples.add(new Sample(
                    SeriesKey.of(names[random.nextInt(names.length)], labels),
                    random.nextBoolean() ? MetricKind.COUNTER : MetricKind.GAUGE,
                    random.nextBoolean() ? random.nextLong(Sample.MAX_TIME_MILLIS + 1) : 1_790_000_000_000L + i,
                    random.nextBoolean() ? VALUES[random.nextInt(VALUES.length)] : random.nextGaussian()));
        }
        return new MetricBatch("e" + random.nextInt(1000), random.nextLong(1, Long.MAX_VALUE), samples);
    }

    private static List<Sample> samplesOf(ExportMetricsServiceRequest request) {
        List<Sample> samples = new ArrayList<>();
        for (Metric metric : request.getResourceMetrics(0).getScopeMetrics(0).getMetricsList()) {
            boolean counter = metric.hasSum();
            if (counter) {
                assertThat(metric.getSum().getIsMonotonic()).isTrue();
                assertThat(metric.getSum().getAggregationTemporality())
                        .isEqualTo(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
            } else {
                assertThat(metric.hasGauge()).isTrue();
            }
            List<NumberDataPoint> points = counter
                    ? metric.getSum().getDataPointsList()
                    : metric.getGauge().getDataPointsList();
            for (NumberDataPoint point : points) {
                Map<String, String> labels = new TreeMap<>();
                point.getAttributesList()
                        .forEach(a -> labels.put(a.getKey(), a.getValue().getStringValue()));
                assertThat(point.hasAsDouble()).isNotEqualTo(point.getFlags() == 1);
                samples.add(new Sample(
                        SeriesKey.of(metric.getName(), labels),
                        counter ? MetricKind.COUNTER : MetricKind.GAUGE,
                        point.getTimeUnixNano() / 1_000_000,
                        point.getFlags() == 1 ? Double.NaN : point.getAsDouble()));
            }
        }
        return samples;
    }

    @Test
    void numbersOfABatchTravelAsAttributesOfTheResource() throws InvalidProtocolBufferException {
        ExportMetricsServiceRequest theirs = ExportMetricsServiceRequest.parseFrom(OtlpMetrics.encode(
                new MetricBatch("e1", 7, List.of(new Sample(SeriesKey.of("up"), MetricKind.GAUGE, 5, 1)))));
        var attributes = theirs.getResourceMetrics(0).getResource().getAttributesList();
        assertThat(attributes.get(0).getKey()).isEqualTo("vmext.batch.epoch");
        assertThat(attributes.get(0).getValue().getStringValue()).isEqualTo("e1");
        assertThat(attributes.get(1).getKey()).isEqualTo("vmext.batch.number");
        assertThat(attributes.get(1).getValue().getIntValue()).isEqualTo(7);
        assertThat(theirs.getResourceMetrics(0).getScopeMetrics(0).getScope().getName())
                .isEqualTo("vmext");
    }

    @Test
    void answersAreOpenTelemetrys() throws InvalidProtocolBufferException {
        assertThat(OtlpMetrics.encode(new OtlpMetrics.Answer(0, ""))).isEmpty();
        OtlpMetrics.Answer answer = new OtlpMetrics.Answer(3, "deltas");
        byte[] written = OtlpMetrics.encode(answer);
        assertThat(ExportMetricsServiceResponse.parseFrom(written))
                .isEqualTo(ExportMetricsServiceResponse.newBuilder()
                        .setPartialSuccess(ExportMetricsPartialSuccess.newBuilder()
                                .setRejectedDataPoints(3)
                                .setErrorMessage("deltas"))
                        .build());
        assertThat(OtlpMetrics.decodeAnswer(written)).isEqualTo(answer);
        assertThat(OtlpMetrics.decodeAnswer(new byte[0])).isEqualTo(new OtlpMetrics.Answer(0, ""));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {11, 12, 13})
    void brokenBytesAreRefusedAndNothingElseHappens(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 3000; i++) {
            byte[] bytes = OtlpMetrics.encode(randomSmall(random));
            for (int change = random.nextInt(1, 4); change > 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            if (random.nextInt(4) == 0) {
                bytes = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length));
            }
            survives(bytes);
            byte[] noise = new byte[random.nextInt(64)];
            random.nextBytes(noise);
            survives(noise);
        }
    }

    private static MetricBatch randomSmall(Random random) {
        List<Sample> samples = new ArrayList<>();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            samples.add(
                    new Sample(SeriesKey.of("m" + i, Map.of("a", "b")), MetricKind.COUNTER, i, random.nextGaussian()));
        }
        return new MetricBatch("e", 1, samples);
    }

    private static void survives(byte[] bytes) {
        try {
            OtlpMetrics.read(bytes, new MessageLimits(4096, 16, 100));
            OtlpMetrics.decodeAnswer(bytes);
        } catch (MalformedMessageException e) {
            assertThat(e.getMessage()).startsWith("cannot ");
        } catch (RuntimeException e) {
            fail("%s from %s", e, java.util.HexFormat.of().formatHex(bytes));
        }
    }

    @Test
    void limitsAreHeld() {
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            samples.add(new Sample(SeriesKey.of("m", Map.of("i", "" + i)), MetricKind.GAUGE, i, i));
        }
        byte[] bytes = OtlpMetrics.encode(new MetricBatch("e", 1, samples));
        assertThatThrownBy(() -> OtlpMetrics.decode(bytes, new MessageLimits(bytes.length - 1, 32, 100_000)))
                .isInstanceOfSatisfying(
                        MalformedMessageException.class,
                        e -> assertThat(e.tooLarge()).isTrue());
        assertThatThrownBy(() -> OtlpMetrics.decode(bytes, new MessageLimits(bytes.length, 32, 200)))
                .isInstanceOfSatisfying(
                        MalformedMessageException.class,
                        e -> assertThat(e.tooLarge()).isTrue());
    }
}
