package dev.vmext.server.alert;

import dev.vmext.fleet.alert.PlatformSeries;
import dev.vmext.protocol.api.AvailabilityShare;
import dev.vmext.protocol.api.AvailabilityView;
import dev.vmext.protocol.metrics.SeriesKey;
import dev.vmext.server.metrics.Fold;
import dev.vmext.server.metrics.MetricStore;
import dev.vmext.server.metrics.Newest;
import dev.vmext.server.metrics.SeriesSelector;
import dev.vmext.server.metrics.Window;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Availability of a machine, its installations and their probes, from series that are 1 or 0. A time without samples is unknown and counts
 * neither way: nobody claims that a machine was up while the control plane was down. As thread-safe as the store.
 */
public final class Availability {
    /** What a handler's or operator's probe says after its thresholds. */
    private static final String PROBE_HEALTHY = "vmext_probe_healthy";

    private static final Duration HOUR = Duration.ofHours(1);
    private static final Map<String, Integer> WINDOWS = windows();
    /** Older than this is no longer how it is. */
    private static final Duration LATELY = Duration.ofMinutes(5);

    private final MetricStore store;
    private final InstantSource clock;

    public Availability(MetricStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    private static Map<String, Integer> windows() {
        Map<String, Integer> hours = new LinkedHashMap<>();
        hours.put("day", 24);
        hours.put("week", 24 * 7);
        hours.put("month", 24 * 30);
        return hours;
    }

    /** The machine first, then its installations, then probes. What has not been heard of for a month is not there. */
    public List<AvailabilityView> of(String machineId, Instant declared) {
        List<AvailabilityView> all = new ArrayList<>();
        for (String metric :
                List.of(PlatformSeries.MACHINE_ONLINE, PlatformSeries.INSTALLATION_HEALTHY, PROBE_HEALTHY)) {
            all.addAll(of(machineId, metric, declared));
        }
        return all;
    }

    private List<AvailabilityView> of(String machineId, String metric, Instant declared) {
        Instant now = clock.instant();
        SeriesSelector selector = SeriesSelector.named(metric);
        // Whole hours, the present one included.
        int hours = 24 * 30;
        long end = Math.floorDiv(now.toEpochMilli(), HOUR.toMillis()) + 1;
        Window window = new Window((end - hours) * HOUR.toMillis(), HOUR.toMillis(), hours);
        Map<SeriesKey, double[]> sums = new TreeMap<>(Comparator.comparing(SeriesKey::toString));
        Map<SeriesKey, double[]> counts = new LinkedHashMap<>();
        store.range(List.of(machineId), selector, window, Fold.SUM, one -> sums.put(one.series(), one.values()));
        store.range(List.of(machineId), selector, window, Fold.COUNT, one -> counts.put(one.series(), one.values()));
        Map<SeriesKey, Newest> newest = new LinkedHashMap<>();
        store.newest(List.of(machineId), selector).forEach(one -> newest.put(one.series(), one));
        List<AvailabilityView> views = new ArrayList<>();
        sums.forEach((key, sum) -> {
            double[] count = counts.get(key);
            if (count != null) {
                views.add(view(metric, key, state(newest.get(key), now), shares(sum, count, declared, now)));
            }
        });
        return views;
    }

    private static AvailabilityView view(String metric, SeriesKey key, String state, List<AvailabilityShare> shares) {
        String installation = key.labels().getOrDefault("installation", "");
        return switch (metric) {
            case PlatformSeries.MACHINE_ONLINE -> new AvailabilityView("machine", "", "", state, shares);
            case PlatformSeries.INSTALLATION_HEALTHY ->
                new AvailabilityView("installation", installation, "", state, shares);
            default ->
                new AvailabilityView("probe", key.labels().getOrDefault("probe", ""), installation, state, shares);
        };
    }

    private static String state(@Nullable Newest newest, Instant now) {
        if (newest == null
                || newest.ended()
                || newest.timeMillis() < now.minus(LATELY).toEpochMilli()) {
            return "unknown";
        }
        return newest.value() >= 1 ? "healthy" : "unhealthy";
    }

    private static List<AvailabilityShare> shares(double[] sums, double[] counts, Instant declared, Instant now) {
        List<AvailabilityShare> shares = new ArrayList<>();
        WINDOWS.forEach((name, hours) -> {
            double good = 0;
            double all = 0;
            int heard = 0;
            for (int i = Math.max(0, sums.length - hours); i < sums.length; i++) {
                if (!Double.isNaN(counts[i]) && counts[i] > 0) {
                    good += sums[i];
                    all += counts[i];
                    heard++;
                }
            }
            long age = Math.max(1, Duration.between(declared, now).toHours() + 1);
            double known = Math.min(100, 100.0 * heard / Math.min(hours, age));
            shares.add(new AvailabilityShare(name, all == 0 ? null : 100 * good / all, known));
        });
        return shares;
    }
}
