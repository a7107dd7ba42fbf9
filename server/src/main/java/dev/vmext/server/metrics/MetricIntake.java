package dev.vmext.server.metrics;

import dev.vmext.protocol.metrics.MetricBatch;
import dev.vmext.protocol.metrics.OtlpMetrics;
import dev.vmext.protocol.opamp.MalformedMessageException;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;

/**
 * Takes what a machine sends to the metrics address of the gateway: reads it, holds the machine to its rate, stores it and says what
 * was not taken. Blocks until the samples are on the disk. Thread-safe.
 */
public final class MetricIntake {
    private static final System.Logger LOG = System.getLogger(MetricIntake.class.getName());
    /** Of one machine; a thousand series every ten seconds are a hundred. */
    private static final int SAMPLES_PER_SECOND = 2000;
    /** What a machine that comes back may send at once. */
    private static final int SAMPLES_AT_ONCE = 200_000;
    /** A machine that goes on sending what is refused is worth a line so often. */
    private static final Duration SAY_AGAIN = Duration.ofHours(1);

    private final MetricStore store;
    private final MetricRate rate;
    private final MetricRetention retention;
    private final Refusals refusals;
    private final InstantSource clock;

    public MetricIntake(
            MetricStore store, MetricRate rate, MetricRetention retention, Refusals refusals, InstantSource clock) {
        this.store = store;
        this.rate = rate;
        this.retention = retention;
        this.refusals = refusals;
        this.clock = clock;
    }

    /** With the rate that a control plane grants. */
    public static MetricIntake of(
            MetricStore store, MetricRetention retention, Refusals refusals, InstantSource clock) {
        return new MetricIntake(
                store, new MetricRate(clock, SAMPLES_PER_SECOND, SAMPLES_AT_ONCE), retention, refusals, clock);
    }

    /** What becomes of a request. */
    public sealed interface Outcome {
        /**
         * It is stored.
         *
         * @param answer an {@code ExportMetricsServiceResponse}
         */
        @SuppressWarnings("ArrayRecordComponent") // written once, sent once
        record Taken(byte[] answer) implements Outcome {}

        /** Nothing was taken; the machine sends faster than it may. */
        record TooFast(ProblemException problem, long retryAfterSeconds) implements Outcome {}
    }

    /**
     * Stores what a machine sends.
     *
     * @param request an {@code ExportMetricsServiceRequest}, unzipped
     * @throws ProblemException when it is no such request, or the store has too much to do
     */
    public Outcome take(String machineId, String machineName, byte[] request) {
        OtlpMetrics.Reading reading;
        try {
            reading = OtlpMetrics.read(request, OtlpMetrics.LIMITS);
        } catch (MalformedMessageException e) {
            throw new ProblemException(
                    ProblemCode.MALFORMED_REQUEST,
                    "cannot read the metrics: " + e.getMessage(),
                    "send an OTLP ExportMetricsServiceRequest as Protocol Buffers",
                    e);
        }
        MetricBatch batch = reading.batch();
        Duration wait = rate.take(machineId, batch.samples().size());
        if (wait.isPositive()) {
            return new Outcome.TooFast(
                    new ProblemException(
                            ProblemCode.TOO_MANY_SAMPLES,
                            "cannot take metrics of machine " + machineName + " now: it sends more than "
                                    + rate.perSecond() + " samples a second",
                            "send the batch again after the time in Retry-After; scrape less or more seldom if this goes on"),
                    wait.toSeconds());
        }
        Appended appended = append(machineId, batch);
        return new Outcome.Taken(OtlpMetrics.encode(answer(machineId, machineName, reading, appended)));
    }

    private Appended append(String machineId, MetricBatch batch) {
        try {
            return store.append(machineId, batch.samples()).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof ProblemException expected) {
                throw expected;
            }
            throw e;
        }
    }

    private OtlpMetrics.Answer answer(String id, String name, OtlpMetrics.Reading reading, Appended appended) {
        long refused = reading.rejectedPoints() + appended.refused();
        if (refused == 0) {
            return new OtlpMetrics.Answer(0, "");
        }
        List<String> reasons = new ArrayList<>();
        if (appended.overSeriesLimit() > 0) {
            reasons.add(appended.overSeriesLimit() + " samples belong to series beyond the "
                    + retention.seriesPerMachine()
                    + " that a machine may have: scrape less, or raise metrics.seriesPerMachine in server.json");
        }
        if (appended.outOfTime() > 0) {
            reasons.add(appended.outOfTime() + " samples are older than "
                    + retention.samples().toDays()
                    + " days or more than 10 minutes in the future: look at the machine's clock");
        }
        if (reading.rejectedPoints() > 0) {
            reasons.add(reading.rejectedPoints() + " points make no series: " + reading.reason());
        }
        String reason = String.join("; ", reasons);
        Instant now = clock.instant();
        if (refusals.refused(id, now, refused, reason, now.minus(SAY_AGAIN))) {
            LOG.log(System.Logger.Level.WARNING, "Machine {0}: did not store some metrics: {1}", name, reason);
        }
        return new OtlpMetrics.Answer(refused, reason);
    }
}
