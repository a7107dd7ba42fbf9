package dev.vmext.agent.metrics;

import dev.vmext.packageformat.manifest.MetricEndpoint;
import dev.vmext.protocol.metrics.MetricKind;
import dev.vmext.protocol.metrics.Sample;
import dev.vmext.protocol.metrics.SeriesKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What one answer of an endpoint becomes: filtered, labelled, and no more series than allowed. Series that the answer before had come
 * first; a new one finds a place while there is one. Used once, by one thread.
 */
final class Scrape implements Exposition.Taker {
    /** A time in the answer counts when it is about now; a program whose clock is wrong says nothing about time. */
    private static final long OLDEST_MILLIS = 3_600_000;

    private static final long NEWEST_MILLIS = 60_000;

    private final SeriesLabels labels;
    private final int maxSeries;
    private final @Nullable Pattern keep;
    private final @Nullable Pattern drop;
    private final Map<SeriesKey, MetricKind> before;
    private final long now;
    private final Map<SeriesKey, MetricKind> series = new HashMap<>();
    private final List<Sample> samples = new ArrayList<>();
    private String filtered = "";
    private boolean wanted;
    private int told;
    private int fresh;
    private int leftOut;
    private int refused;
    private String refusal = "";

    /**
     * Begins with nothing.
     *
     * @param before the series that the last answer had
     */
    Scrape(MetricEndpoint endpoint, SeriesLabels labels, Map<SeriesKey, MetricKind> before, long nowMillis) {
        this.labels = labels;
        this.maxSeries = endpoint.maxSeries();
        this.keep = endpoint.keep().map(Pattern::compile).orElse(null);
        this.drop = endpoint.drop().map(Pattern::compile).orElse(null);
        this.before = before;
        this.now = nowMillis;
    }

    @Override
    public void sample(
            String name, Map<String, String> told, MetricKind kind, @Nullable Long timeMillis, double value) {
        this.told++;
        if (!isWanted(name)) {
            return;
        }
        SeriesKey key;
        try {
            key = labels.key(name, told);
        } catch (IllegalArgumentException tooLong) {
            refused++;
            refusal = String.valueOf(tooLong.getMessage());
            return;
        }
        if (Target.OWN_NAMES.contains(name) && told.isEmpty()) {
            refused++;
            refusal = name + " is a name that vmext gives itself";
            return;
        }
        if (series.containsKey(key)) {
            return; // a second time in one answer
        }
        if (timeMillis != null && (timeMillis < now - OLDEST_MILLIS || timeMillis > now + NEWEST_MILLIS)) {
            refused++;
            refusal = name + " has a time that is not about now";
            return;
        }
        if (Double.isNaN(value)) {
            return; // it has no value now: as good as not there
        }
        boolean known = before.containsKey(key);
        if (series.size() >= maxSeries || (!known && before.size() + fresh >= maxSeries)) {
            leftOut++;
            return;
        }
        fresh += known ? 0 : 1;
        series.put(key, kind);
        samples.add(new Sample(key, kind, timeMillis == null ? now : timeMillis, value));
    }

    private boolean isWanted(String name) {
        if (!name.equals(filtered)) {
            filtered = name;
            wanted = (keep == null || keep.matcher(name).matches())
                    && (drop == null || !drop.matcher(name).matches());
        }
        return wanted;
    }

    /** The answer is whole: its samples, and the ends of series that it has no more. */
    List<Sample> done() {
        before.forEach((key, kind) -> {
            if (!series.containsKey(key)) {
                samples.add(Sample.end(key, kind, now));
            }
        });
        return samples;
    }

    /** For the next answer to be compared with. */
    Map<SeriesKey, MetricKind> series() {
        return series;
    }

    /** Samples in the answer, whether they were taken or not. */
    int told() {
        return told;
    }

    /** Series that found no place. */
    int leftOut() {
        return leftOut;
    }

    /** Samples that no series can be made of. */
    int refused() {
        return refused;
    }

    /** Why, for the last of them. */
    String refusal() {
        return refusal;
    }
}
