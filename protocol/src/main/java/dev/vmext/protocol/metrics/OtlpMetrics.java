package dev.vmext.protocol.metrics;

import dev.vmext.protocol.opamp.MalformedMessageException;
import dev.vmext.protocol.opamp.MessageLimits;
import dev.vmext.protocol.opamp.ProtoReader;
import dev.vmext.protocol.opamp.ProtoWriter;
import java.util.Map;

/**
 * Batches as OTLP ({@code ExportMetricsServiceRequest} of opentelemetry-proto 1.x, in Protocol Buffers) and back, and OTLP's
 * answer to them. Holds nothing: any thread may call it.
 *
 * <p>Epoch and number travel as the attributes {@code vmext.batch.epoch} and {@code vmext.batch.number} of the resource. A
 * counter is a cumulative monotonic sum, an ended series a point with the flag for "no recorded value".
 */
public final class OtlpMetrics {
    /** What a receiver should allow: after decompression 8 MiB and half a million nested messages. */
    public static final MessageLimits LIMITS = new MessageLimits(8 << 20, 32, 500_000);

    /** The content type of requests and answers. */
    public static final String CONTENT_TYPE = "application/x-protobuf";

    static final String EPOCH = "vmext.batch.epoch";
    static final String NUMBER = "vmext.batch.number";
    static final String SCOPE = "vmext";
    static final int NO_RECORDED_VALUE = 1;
    static final int CUMULATIVE = 2;
    static final long NANOS = 1_000_000;

    private OtlpMetrics() {}

    /**
     * What was understood of a request.
     *
     * @param rejectedPoints how many points were left out, because no series can be made of them
     * @param reason why the first of them was left out; empty when there is none
     */
    public record Reading(MetricBatch batch, long rejectedPoints, String reason) {}

    /** What the receiver tells the sender: how many points it did not take, and why. Nothing rejected: 0 and empty. */
    public record Answer(long rejectedPoints, String reason) {}

    /** Samples stay in their order. Throws {@link MalformedMessageException} when the result would be larger than 64 MiB. */
    public static byte[] encode(MetricBatch batch) {
        ProtoWriter out = new ProtoWriter(64 << 20);
        int resourceMetrics = out.begin(1);
        int resource = out.begin(1);
        if (!batch.foreign()) {
            attribute(out, 1, EPOCH, batch.epoch());
            int number = out.begin(1);
            out.string(1, NUMBER);
            int value = out.begin(2);
            out.varintPresent(3, batch.number());
            out.end(value);
            out.end(number);
        }
        out.end(resource);
        int scopeMetrics = out.begin(2);
        int scope = out.begin(1);
        out.string(1, SCOPE);
        out.end(scope);
        metrics(out, batch);
        out.end(scopeMetrics);
        out.end(resourceMetrics);
        return out.toArray();
    }

    /** One metric for each run of samples with the same name and kind. */
    private static void metrics(ProtoWriter out, MetricBatch batch) {
        for (int at = 0; at < batch.samples().size(); ) {
            Sample first = batch.samples().get(at);
            int metric = out.begin(2);
            out.string(1, first.series().name());
            boolean counter = first.kind() == MetricKind.COUNTER;
            int data = out.begin(counter ? 7 : 5);
            while (at < batch.samples().size()
                    && sameMetric(first, batch.samples().get(at))) {
                point(out, batch.samples().get(at++));
            }
            if (counter) {
                out.varint(2, CUMULATIVE);
                out.varint(3, 1);
            }
            out.end(data);
            out.end(metric);
        }
    }

    private static boolean sameMetric(Sample one, Sample other) {
        return one.kind() == other.kind()
                && one.series().name().equals(other.series().name());
    }

    private static void point(ProtoWriter out, Sample sample) {
        int point = out.begin(1);
        out.fixed64(3, sample.timeMillis() * NANOS);
        if (!sample.ended()) {
            out.realPresent(4, sample.value());
        }
        for (Map.Entry<String, String> label : sample.series().labels().entrySet()) {
            attribute(out, 7, label.getKey(), label.getValue());
        }
        if (sample.ended()) {
            out.varint(8, NO_RECORDED_VALUE);
        }
        out.end(point);
    }

    private static void attribute(ProtoWriter out, int field, String key, String value) {
        int attribute = out.begin(field);
        out.string(1, key);
        int any = out.begin(2);
        out.stringPresent(1, value);
        out.end(any);
        out.end(attribute);
    }

    /** As {@link #read}, when what was left out does not matter. */
    public static MetricBatch decode(byte[] request, MessageLimits limits) {
        return read(request, limits).batch();
    }

    /**
     * Reads a request of a vmext agent or of anybody else who speaks OTLP. Names and attributes of others are made Prometheus
     * names as Prometheus itself does it (units and {@code _total} as endings, {@code service.name} as {@code job}); histograms
     * and summaries become {@code _bucket}, {@code _count}, {@code _sum} and quantiles. Delta values are left out: a series
     * cannot be made of them without knowing all that came before.
     *
     * @throws MalformedMessageException and nothing else, when the bytes are no such request or larger than the limits
     */
    public static Reading read(byte[] request, MessageLimits limits) {
        return new OtlpReader(new ProtoReader(request, 0, limits)).read();
    }

    /** {@code ExportMetricsServiceResponse}. */
    public static byte[] encode(Answer answer) {
        ProtoWriter out = new ProtoWriter(64 << 10);
        if (answer.rejectedPoints() != 0 || !answer.reason().isEmpty()) {
            int partial = out.begin(1);
            out.varint(1, answer.rejectedPoints());
            out.string(2, answer.reason());
            out.end(partial);
        }
        return out.toArray();
    }

    /** Throws {@link MalformedMessageException}, and nothing else, for whatever is not such an answer. */
    public static Answer decodeAnswer(byte[] response) {
        ProtoReader in = new ProtoReader(response, 0, new MessageLimits(64 << 10, 8, 1000));
        long rejected = 0;
        String reason = "";
        while (in.next()) {
            if (in.field() != 1) {
                in.skip();
                continue;
            }
            int outer = in.enter();
            while (in.next()) {
                switch (in.field()) {
                    case 1 -> rejected = in.varint();
                    case 2 -> reason = in.string();
                    default -> in.skip();
                }
            }
            in.leave(outer);
        }
        return new Answer(rejected, reason);
    }
}
