package dev.vmext.server.metrics;

import dev.vmext.protocol.metrics.Sample;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Where samples are kept. A machine is known by its id only. Any thread may call it.
 *
 * <p>Within a series time only grows: a sample that is not newer than the newest of its series is ignored, so that sending a batch
 * again stores nothing twice.
 */
public interface MetricStore extends AutoCloseable {
    /**
     * Stores samples of one machine. The answer completes when they are on the disk for good, or fails when none of them is; it fails
     * at once with {@code server-overloaded} when too much waits to be written, and nothing of it was taken then.
     */
    CompletableFuture<Appended> append(String machine, List<Sample> samples);

    /** The series of these machines that the selector picks, each with its newest sample; in the order of machines, then of keys. */
    List<Newest> newest(Collection<String> machines, SeriesSelector selector);

    /**
     * Gives each series that has a sample in the window to the taker, machine by machine, keys in order. A step without a sample is
     * {@code NaN}. Where samples of that age are no longer kept one by one, or the step is wide enough, the coarser tiers answer; with a
     * step narrower than what is kept, the values stand at the steps in which their span begins.
     */
    void range(
            Collection<String> machines,
            SeriesSelector selector,
            Window window,
            Fold fold,
            Consumer<RangeSeries> taker);

    /**
     * Gives the single samples of each series that has one in this time to the taker, machine by machine, keys in order. What is not
     * kept one by one any more is not there.
     *
     * @param toMillis not part of it
     */
    void samples(
            Collection<String> machines,
            SeriesSelector selector,
            long fromMillis,
            long toMillis,
            Consumer<SeriesSamples> taker);

    /** Forgets all of a machine. Completes when it is gone for good; a machine without samples is gone already. */
    CompletableFuture<Void> delete(String machine);

    /** The machines that have series, in no order. */
    List<String> machines();

    /**
     * Background work up to this moment: packs what has come in, makes the coarser tiers, drops what is older than it is kept. Can be
     * interrupted at any point and called again; one caller at a time.
     */
    void maintain(Instant now);

    MetricStoreSize size();

    @Override
    void close();
}
