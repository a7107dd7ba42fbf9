package dev.vmext.server.alert;

import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.PlatformSample;
import dev.vmext.protocol.metrics.MetricKind;
import dev.vmext.protocol.metrics.Sample;
import dev.vmext.protocol.metrics.SeriesKey;
import dev.vmext.server.metrics.AlertSource;
import dev.vmext.server.metrics.MetricStore;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * One beat: every rule is looked at, and who is to be told is told. Called by a timer; does nothing while the beat before is still at
 * work, so a slow store delays looks and piles up none.
 */
public final class AlertClock implements Runnable {
    private static final System.Logger LOG = System.getLogger(AlertClock.class.getName());

    private final Fleet fleet;
    private final AlertSource series;
    private final MetricStore store;
    private final InstantSource clock;
    private final Map<String, Instant> lastTold = new ConcurrentHashMap<>();
    private final AtomicBoolean atWork = new AtomicBoolean();

    /** @param machines ids of the machines of a project */
    public AlertClock(Fleet fleet, MetricStore store, Function<String, Set<String>> machines, InstantSource clock) {
        this.fleet = fleet;
        this.store = store;
        this.series = new AlertSource(store, machines);
        this.clock = clock;
    }

    @Override
    public void run() {
        if (!atWork.compareAndSet(false, true)) {
            return;
        }
        try {
            fleet.lookAtAlerts(series);
            fleet.tellAlerts(lastTold);
        } catch (RuntimeException e) {
            // A beat that fails, for whatever reason, must not be the last one: without the clock no alert is told.
            LOG.log(System.Logger.Level.WARNING, "Cannot look at the alert rules; trying again at the next beat", e);
        } finally {
            atWork.set(false);
        }
    }

    /** Keeps what the control plane knows of its machines now as one sample of each series. */
    public void sample() {
        try {
            fleet.platformSeries(series).forEach(this::keep);
        } catch (RuntimeException e) {
            // As above; a sample that lacks is a gap that is seen.
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Cannot keep the availability of machines; trying again in a minute",
                    e);
        }
    }

    private void keep(String machine, List<PlatformSample> samples) {
        long now = clock.millis();
        List<Sample> all = samples.stream()
                .map(one -> new Sample(
                        new SeriesKey(one.metric(), new TreeMap<>(one.labels())), MetricKind.GAUGE, now, one.value()))
                .toList();
        var _ = store.append(machine, all).whenComplete((done, failed) -> {
            if (failed != null) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "Cannot keep the availability of machine " + machine + ": " + failed);
            }
        });
    }
}
