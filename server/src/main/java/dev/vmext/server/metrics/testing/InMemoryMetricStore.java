package dev.vmext.server.metrics.testing;

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
import dev.vmext.server.metrics.SeriesSamples;
import dev.vmext.server.metrics.SeriesSelector;
import dev.vmext.server.metrics.StepFold;
import dev.vmext.server.metrics.Window;
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
import java.util.function.Consumer;

/** Keeps every sample in memory and answers from them alone; it has no tiers. Thread-safe. */
public final class InMemoryMetricStore implements MetricStore {
    private static final Duration AHEAD = Duration.ofMinutes(10);

    private final MetricRetention retention;
    private final InstantSource clock;
    private final SortedMap<String, SortedMap<SeriesKey, Series>> machines = new TreeMap<>();

    public InMemoryMetricStore(MetricRetention retention, InstantSource clock) {
        this.retention = retention;
        this.clock = clock;
    }

    private static final class Series {
        private MetricKind kind = MetricKind.GAUGE;
        private final List<Sample> samples = new ArrayList<>();
        private Sample newest;

        private Series(Sample first) {
            newest = first;
        }

        private void add(Sample sample) {
            kind = sample.kind();
            samples.add(sample);
            newest = sample;
        }
    }

    @Override
    public synchronized CompletableFuture<Appended> append(String machine, List<Sample> samples) {
        long now = clock.millis();
        int stored = 0;
        int known = 0;
        int overLimit = 0;
        int outOfTime = 0;
        SortedMap<SeriesKey, Series> all = machines.computeIfAbsent(machine, none -> new TreeMap<>());
        for (Sample sample : samples) {
            long time = sample.timeMillis();
            if (time > now + AHEAD.toMillis()
                    || time < now - retention.samples().toMillis()) {
                outOfTime++;
                continue;
            }
            Series series = all.get(sample.series());
            if (series == null) {
                if (all.size() >= retention.seriesPerMachine()) {
                    overLimit++;
                    continue;
                }
                series = new Series(sample);
                all.put(sample.series(), series);
            } else if (time <= series.newest.timeMillis()) {
                known++;
                continue;
            }
            series.add(sample);
            stored++;
        }
        return CompletableFuture.completedFuture(new Appended(stored, known, overLimit, outOfTime));
    }

    @Override
    public synchronized List<Newest> newest(Collection<String> asked, SeriesSelector selector) {
        List<Newest> all = new ArrayList<>();
        for (String machine : new TreeSet<>(asked)) {
            machines.getOrDefault(machine, new TreeMap<>()).forEach((key, series) -> {
                if (selector.fits(key)) {
                    all.add(new Newest(machine, key, series.kind, series.newest.timeMillis(), series.newest.value()));
                }
            });
        }
        return all;
    }

    @Override
    public synchronized void range(
            Collection<String> asked, SeriesSelector selector, Window window, Fold fold, Consumer<RangeSeries> taker) {
        for (String machine : new TreeSet<>(asked)) {
            for (Map.Entry<SeriesKey, Series> series :
                    machines.getOrDefault(machine, new TreeMap<>()).entrySet()) {
                if (selector.fits(series.getKey())) {
                    StepFold steps = new StepFold(window, fold, series.getValue().kind);
                    for (Sample sample : series.getValue().samples) {
                        if (sample.timeMillis() < window.toMillis()) {
                            steps.sample(sample.timeMillis(), sample.value());
                        }
                    }
                    if (steps.any()) {
                        taker.accept(new RangeSeries(machine, series.getKey(), series.getValue().kind, steps.values()));
                    }
                }
            }
        }
    }

    @Override
    public synchronized void samples(
            Collection<String> asked,
            SeriesSelector selector,
            long fromMillis,
            long toMillis,
            Consumer<SeriesSamples> taker) {
        for (String machine : new TreeSet<>(asked)) {
            machines.getOrDefault(machine, new TreeMap<>()).forEach((key, series) -> {
                SeriesSamples found = new SeriesSamples(machine, key, series.kind);
                for (Sample sample : series.samples) {
                    if (sample.timeMillis() >= fromMillis && sample.timeMillis() < toMillis) {
                        found.sample(sample.timeMillis(), sample.value());
                    }
                }
                if (selector.fits(key) && found.size() > 0) {
                    taker.accept(found);
                }
            });
        }
    }

    @Override
    public synchronized CompletableFuture<Void> delete(String machine) {
        machines.remove(machine);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized List<String> machines() {
        return List.copyOf(machines.keySet());
    }

    @Override
    public synchronized void maintain(Instant now) {
        long day = Duration.ofDays(1).toMillis();
        long first = Math.floorDiv(now.toEpochMilli() - retention.samples().toMillis(), day) * day;
        machines.values()
                .forEach(all -> all.values().forEach(series -> series.samples.removeIf(s -> s.timeMillis() < first)));
    }

    @Override
    public synchronized MetricStoreSize size() {
        long series = machines.values().stream().mapToLong(Map::size).sum();
        long samples = machines.values().stream()
                .flatMap(all -> all.values().stream())
                .mapToLong(one -> one.samples.size())
                .sum();
        return new MetricStoreSize(machines.size(), series, samples * (Long.BYTES + Double.BYTES));
    }

    @Override
    public void close() {}
}
