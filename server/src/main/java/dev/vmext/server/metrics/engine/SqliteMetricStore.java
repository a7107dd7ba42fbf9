package dev.vmext.server.metrics.engine;

import dev.vmext.protocol.metrics.MetricKind;
import dev.vmext.protocol.metrics.Sample;
import dev.vmext.protocol.metrics.SeriesKey;
import dev.vmext.server.metrics.Appended;
import dev.vmext.server.metrics.Fold;
import dev.vmext.server.metrics.MetricRetention;
import dev.vmext.server.metrics.MetricStore;
import dev.vmext.server.metrics.MetricStoreSize;
import dev.vmext.server.metrics.Newest;
import dev.vmext.server.metrics.RangeSeries;
import dev.vmext.server.metrics.SampleSink;
import dev.vmext.server.metrics.SeriesSamples;
import dev.vmext.server.metrics.SeriesSelector;
import dev.vmext.server.metrics.Window;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The metric store in {@code metrics.db}. Opened by the wiring, which must hold the folder; any thread may call it. Memory grows with
 * the machines and series that were used last, up to a bound, and not with the samples. See
 * {@code docs/decisions/0021-metrics-in-sqlite-blocks.md}.
 */
public final class SqliteMetricStore implements MetricStore {
    /** A span of two hours is packed when it has been over for so long; batches that are merely late are in it then. */
    private static final Duration SETTLED = Duration.ofMinutes(10);

    private static final int STATES_AT_A_TIME = 200;

    private final MetricsFile file;
    private final KeyBook keys = new KeyBook();
    private final SourceBook sources = new SourceBook();
    private final AtomicLong series = new AtomicLong();
    private final MetricWriter writer;
    private final Packing packing;
    private final Tiering tiering;
    private final Dropping dropping;
    private long sweptDay = Long.MIN_VALUE;

    private SqliteMetricStore(MetricsFile file, MetricRetention retention, InstantSource clock) {
        this.file = file;
        this.writer = new MetricWriter(file, new Intake(keys, sources, retention, clock, series), this::reload);
        this.packing = new Packing(file, writer);
        this.tiering = new Tiering(file, writer);
        this.dropping = new Dropping(retention);
    }

    /** Opens or makes the file in this folder. */
    public static SqliteMetricStore open(Path folder, MetricRetention retention, InstantSource clock) {
        SqliteMetricStore store = new SqliteMetricStore(MetricsFile.open(folder), retention, clock);
        store.reload();
        store.writer.start();
        return store;
    }

    /** What the file says counts: at the start, and after a transaction that failed. */
    private void reload() {
        keys.forget();
        file.read(connection -> {
            sources.reload(connection);
            series.set(count(connection));
            return true;
        });
    }

    private static long count(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*) from series")) {
            row.next();
            return row.getLong(1);
        }
    }

    @Override
    public CompletableFuture<Appended> append(String machine, List<Sample> samples) {
        return writer.append(machine, samples);
    }

    @Override
    public List<Newest> newest(Collection<String> machines, SeriesSelector selector) {
        SortedMap<String, Integer> asked = asked(machines);
        List<Newest> all = new ArrayList<>();
        Map<Integer, SeriesKey> named =
                selector.name().isPresent() ? file.read(connection -> keys.named(connection, selector)) : Map.of();
        if (selector.name().isPresent() && named.isEmpty()) {
            return all;
        }
        Map<Integer, SourceState> states = states(List.copyOf(asked.values()));
        file.read(connection -> {
            for (Map.Entry<String, Integer> source : asked.entrySet()) {
                SourceState state = states.get(source.getValue());
                if (state != null) {
                    newest(connection, source.getKey(), state, selector, named, all);
                }
            }
            return true;
        });
        return all;
    }

    private void newest(
            Connection connection,
            String machine,
            SourceState state,
            SeriesSelector selector,
            Map<Integer, SeriesKey> named,
            List<Newest> into)
            throws SQLException {
        record Found(int key, MetricKind kind, long time, double value) {}
        List<Found> found = new ArrayList<>();
        if (selector.name().isPresent()) {
            named.keySet()
                    .forEach(key ->
                            state.one(key, (k, kind, time, value) -> found.add(new Found(k, kind, time, value))));
        } else {
            state.each((key, kind, time, value) -> found.add(new Found(key, kind, time, value)));
        }
        List<Newest> here = new ArrayList<>();
        for (Found one : found) {
            SeriesKey key = selector.name().isPresent() ? named.get(one.key()) : keys.key(connection, one.key());
            if (key != null && one.time() >= 0 && selector.fits(key)) {
                here.add(new Newest(machine, key, one.kind(), one.time(), one.value()));
            }
        }
        here.sort((a, b) -> a.series().compareTo(b.series()));
        into.addAll(here);
    }

    /** States are read by the writing thread alone; see {@link SourceBook#state}. */
    private Map<Integer, SourceState> states(List<Integer> wanted) {
        Map<Integer, SourceState> states = new TreeMap<>();
        List<Integer> missing = new ArrayList<>();
        for (int source : wanted) {
            SourceState known = sources.find(source);
            if (known == null) {
                missing.add(source);
            } else {
                states.put(source, known);
            }
        }
        for (int at = 0; at < missing.size(); at += STATES_AT_A_TIME) {
            List<Integer> some = missing.subList(at, Math.min(at + STATES_AT_A_TIME, missing.size()));
            join(writer.work(connection -> {
                        List<SourceState> read = new ArrayList<>();
                        for (int source : some) {
                            read.add(sources.state(connection, source));
                        }
                        return read;
                    }))
                    .forEach(state -> states.put(state.source(), state));
        }
        return states;
    }

    private SortedMap<String, Integer> asked(Collection<String> machines) {
        SortedMap<String, Integer> asked = new TreeMap<>();
        for (String machine : new TreeSet<>(machines)) {
            Integer source = sources.source(machine);
            if (source != null) {
                asked.put(machine, source);
            }
        }
        return asked;
    }

    @Override
    public void range(
            Collection<String> machines,
            SeriesSelector selector,
            Window window,
            Fold fold,
            Consumer<RangeSeries> taker) {
        read(machines, RangeReader.steps(keys, selector, window, fold), (machine, key, kind, steps) -> {
            if (steps.any()) {
                taker.accept(new RangeSeries(machine, key, kind, steps.values()));
            }
        });
    }

    @Override
    public void samples(
            Collection<String> machines,
            SeriesSelector selector,
            long fromMillis,
            long toMillis,
            Consumer<SeriesSamples> taker) {
        read(machines, RangeReader.samples(keys, selector, fromMillis, toMillis), (machine, key, kind, samples) -> {
            if (samples.size() > 0) {
                taker.accept(samples);
            }
        });
    }

    /** Takes one series of one machine. */
    @FunctionalInterface
    private interface Taker<S> {
        void take(String machine, SeriesKey key, MetricKind kind, S sink);
    }

    private <S extends SampleSink> void read(Collection<String> machines, RangeReader<S> reader, Taker<S> taker) {
        for (Map.Entry<String, Integer> source : asked(machines).entrySet()) {
            file.read(connection -> {
                reader.read(
                        connection,
                        source.getValue(),
                        source.getKey(),
                        (key, kind, sink) -> taker.take(source.getKey(), key, kind, sink));
                return true;
            });
        }
    }

    @Override
    public CompletableFuture<Void> delete(String machine) {
        return writer.work(connection -> {
                    Integer source = sources.source(machine);
                    if (source != null) {
                        int had = sources.state(connection, source).size();
                        Dropping.machine(connection, source);
                        sources.remove(machine);
                        series.addAndGet(-had);
                    }
                    return true;
                })
                .thenApply(done -> null);
    }

    @Override
    public List<String> machines() {
        return sources.machines();
    }

    @Override
    public void maintain(Instant now) {
        long packBefore = Tier.SAMPLES.bucket(now.minus(SETTLED).toEpochMilli());
        long tierBefore = Tier.day(now.minus(SETTLED).toEpochMilli());
        List<CompletableFuture<?>> underWay = new ArrayList<>();
        for (int source : sources.all().values()) {
            packing.pack(source, packBefore, underWay);
        }
        await(underWay);
        for (int source : sources.all().values()) {
            tiering.tier(source, tierBefore, underWay);
        }
        await(underWay);
        if (Tier.day(now.toEpochMilli()) != sweptDay) {
            drop(now);
            sweptDay = Tier.day(now.toEpochMilli());
        }
    }

    /** Whole days go, so once a day is enough. */
    private void drop(Instant now) {
        List<CompletableFuture<?>> underWay = new ArrayList<>();
        for (int source : sources.all().values()) {
            underWay.add(writer.work(connection -> {
                dropping.dropOld(connection, source, now);
                if (dropping.series(connection, source, now) > 0) {
                    sources.forget(source);
                }
                return true;
            }));
            if (underWay.size() >= STATES_AT_A_TIME) {
                await(underWay);
            }
        }
        await(underWay);
        join(writer.work(connection -> {
            if (Dropping.keys(connection) > 0) {
                keys.forget();
            }
            series.set(count(connection));
            return true;
        }));
        file.shrink();
    }

    private static void await(List<CompletableFuture<?>> underWay) {
        underWay.forEach(SqliteMetricStore::join);
        underWay.clear();
    }

    private static <T> T join(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException expected) {
                throw expected;
            }
            throw e;
        }
    }

    @Override
    public MetricStoreSize size() {
        return new MetricStoreSize(sources.machines().size(), series.get(), file.bytes());
    }

    /** Stores what was taken, then closes the file. */
    @Override
    public void close() {
        writer.close();
        file.close();
    }
}
