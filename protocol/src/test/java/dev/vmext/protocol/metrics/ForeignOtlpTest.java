package dev.vmext.protocol.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.metrics.v1.Summary;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.List;
import org.junit.jupiter.api.Test;

/** OTLP that OpenTelemetry's own collectors and libraries send. */
class ForeignOtlpTest {
    private static final long NANOS = 1_790_000_000_123_456_789L;

    private static OtlpMetrics.Reading read(Metric... metrics) {
        ExportMetricsServiceRequest request = ExportMetricsServiceRequest.newBuilder()
                .addResourceMetrics(ResourceMetrics.newBuilder()
                        .setResource(Resource.newBuilder()
                                .addAttributes(text("service.namespace", "shop"))
                                .addAttributes(text("service.name", "cart"))
                                .addAttributes(text("service.instance.id", "i-1"))
                                .addAttributes(text("host.name", "left out")))
                        .addScopeMetrics(ScopeMetrics.newBuilder().addAllMetrics(List.of(metrics))))
                .build();
        OtlpMetrics.Reading reading = OtlpMetrics.read(request.toByteArray(), OtlpMetrics.LIMITS);
        assertThat(reading.batch().foreign()).isTrue();
        assertThat(reading.batch().number()).isZero();
        return reading;
    }

    private static KeyValue text(String key, String value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setStringValue(value))
                .build();
    }

    private static List<String> lines(OtlpMetrics.Reading reading) {
        return reading.batch().samples().stream()
                .map(s -> s.kind() + " " + s.series().toString().replace("instance=\"i-1\",job=\"shop/cart\"", "R")
                        + " " + PrometheusText.number(s.value()))
                .toList();
    }

    @Test
    void namesAreMadeAsPrometheusMakesThem() {
        OtlpMetrics.Reading reading = read(
                Metric.newBuilder()
                        .setName("http.server.duration")
                        .setUnit("ms")
                        .setGauge(Gauge.newBuilder().addDataPoints(point(4).addAttributes(text("http.method", "GET"))))
                        .build(),
                Metric.newBuilder()
                        .setName("system.cpu.utilization")
                        .setUnit("1")
                        .setGauge(Gauge.newBuilder().addDataPoints(point(0.5)))
                        .build(),
                Metric.newBuilder()
                        .setName("2xx.transferred_total")
                        .setUnit("By/s")
                        .setSum(cumulative().setIsMonotonic(true).addDataPoints(point(7)))
                        .build(),
                Metric.newBuilder()
                        .setName("queue")
                        .setUnit("{items}")
                        .setSum(cumulative().addDataPoints(point(3)))
                        .build());
        assertThat(lines(reading))
                .containsExactly(
                        "GAUGE http_server_duration_milliseconds{http_method=\"GET\",R} 4",
                        "GAUGE system_cpu_utilization_ratio{R} 0.5",
                        "COUNTER _2xx_transferred_bytes_per_second_total{R} 7",
                        "GAUGE queue{R} 3");
        assertThat(reading.batch().samples().getFirst().timeMillis()).isEqualTo(1_790_000_000_123L);
    }

    private static NumberDataPoint.Builder point(double value) {
        return NumberDataPoint.newBuilder().setTimeUnixNano(NANOS).setAsDouble(value);
    }

    private static Sum.Builder cumulative() {
        return Sum.newBuilder().setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
    }

    @Test
    void wholeNumbersAndStrangeAttributesAreTaken() {
        OtlpMetrics.Reading reading = read(Metric.newBuilder()
                .setName("g")
                .setGauge(Gauge.newBuilder()
                        .addDataPoints(NumberDataPoint.newBuilder()
                                .setTimeUnixNano(NANOS)
                                .setAsInt(-5)
                                .addAttributes(text("a.b", "1"))
                                .addAttributes(text("a_b", "2"))
                                .addAttributes(text("__name__", "not a label"))
                                .addAttributes(text("_x", "3"))
                                .addAttributes(text("9", "4"))
                                .addAttributes(KeyValue.newBuilder()
                                        .setKey("on")
                                        .setValue(AnyValue.newBuilder().setBoolValue(true)))))
                .build());
        assertThat(lines(reading)).containsExactly("GAUGE g{a_b=\"1;2\",R,key_9=\"4\",key_x=\"3\",on=\"true\"} -5");
    }

    @Test
    void histogramsAndSummariesAreFlattened() {
        OtlpMetrics.Reading reading = read(
                Metric.newBuilder()
                        .setName("h")
                        .setHistogram(Histogram.newBuilder()
                                .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
                                .addDataPoints(HistogramDataPoint.newBuilder()
                                        .setTimeUnixNano(NANOS)
                                        .setCount(6)
                                        .setSum(9.5)
                                        .addAllBucketCounts(List.of(1L, 2L, 3L))
                                        .addAllExplicitBounds(List.of(0.1, 1.0))))
                        .build(),
                Metric.newBuilder()
                        .setName("s")
                        .setSummary(Summary.newBuilder()
                                .addDataPoints(SummaryDataPoint.newBuilder()
                                        .setTimeUnixNano(NANOS)
                                        .setCount(2)
                                        .setSum(3)
                                        .addQuantileValues(SummaryDataPoint.ValueAtQuantile.newBuilder()
                                                .setQuantile(0.99)
                                                .setValue(2))))
                        .build(),
                Metric.newBuilder()
                        .setName("e")
                        .setExponentialHistogram(ExponentialHistogram.newBuilder()
                                .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
                                .addDataPoints(ExponentialHistogramDataPoint.newBuilder()
                                        .setTimeUnixNano(NANOS)
                                        .setScale(2)
                                        .setCount(4)
                                        .setSum(8)))
                        .build());
        assertThat(lines(reading))
                .containsExactly(
                        "COUNTER h_bucket{R,le=\"0.1\"} 1",
                        "COUNTER h_bucket{R,le=\"1.0\"} 3",
                        "COUNTER h_bucket{R,le=\"+Inf\"} 6",
                        "COUNTER h_count{R} 6",
                        "COUNTER h_sum{R} 9.5",
                        "GAUGE s{R,quantile=\"0.99\"} 2",
                        "COUNTER s_count{R} 2",
                        "COUNTER s_sum{R} 3",
                        "COUNTER e_count{R} 4",
                        "COUNTER e_sum{R} 8");
    }

    @Test
    void deltasAndPointsThatContradictThemselvesAreCounted() {
        OtlpMetrics.Reading reading = read(
                Metric.newBuilder()
                        .setName("d")
                        .setSum(Sum.newBuilder()
                                .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA)
                                .addDataPoints(point(1))
                                .addDataPoints(point(2)))
                        .build(),
                Metric.newBuilder()
                        .setName("h")
                        .setHistogram(Histogram.newBuilder()
                                .addDataPoints(HistogramDataPoint.newBuilder()
                                        .addAllBucketCounts(List.of(1L))
                                        .addAllExplicitBounds(List.of(1.0))))
                        .build(),
                Metric.newBuilder()
                        .setName("long")
                        .setGauge(Gauge.newBuilder()
                                .addDataPoints(point(1).addAttributes(text("a", "x".repeat(SeriesKey.MAX_VALUE + 1))))
                                .addDataPoints(point(2)))
                        .build());
        assertThat(reading.rejectedPoints()).isEqualTo(4);
        assertThat(reading.reason()).isEqualTo("the values of d are deltas; send them cumulative");
        assertThat(lines(reading)).containsExactly("GAUGE long{R} 2");
    }
}
