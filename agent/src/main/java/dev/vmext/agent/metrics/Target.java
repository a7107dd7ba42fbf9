package dev.vmext.agent.metrics;

import dev.vmext.agent.finding.FindingSink;
import dev.vmext.agent.process.Pause;
import dev.vmext.packageformat.manifest.MetricEndpoint;
import dev.vmext.protocol.finding.FindingReport;
import dev.vmext.protocol.finding.FindingSeverity;
import dev.vmext.protocol.metrics.MetricKind;
import dev.vmext.protocol.metrics.Sample;
import dev.vmext.protocol.metrics.SeriesKey;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;

/**
 * One endpoint of one installation that is asked again and again, at times that are its own and stay the same, so that neither the targets
 * of a machine nor the machines of a fleet ask at one moment. Runs on a virtual thread of {@link Monitors} until {@link #end} or until
 * that thread is left alone at the end of the process.
 */
final class Target implements Runnable {
    static final Set<String> OWN_NAMES = Set.of("up", "scrape_duration_seconds", "scrape_samples_scraped");
    static final String CARDINALITY = "metrics-cardinality";

    private static final System.Logger LOG = System.getLogger(Target.class.getName());
    /** A program that offers more than this is not asked for the sake of its metrics. */
    private static final long MAX_BYTES = 16L << 20;

    private final String installation;
    private final String extension;
    private final MetricEndpoint endpoint;
    private final World world;
    private final SeriesLabels labels;
    private final long offset;
    private final Object lock = new Object();
    private Map<SeriesKey, MetricKind> series;
    private boolean interruptible;
    private boolean ended;
    private Thread thread = Thread.currentThread();
    private long newest;
    private boolean down;
    private boolean over;
    private boolean cardinalityTold;
    private String refusalTold = "";

    /**
     * What targets share.
     *
     * @param places how many may be asked at the same time: each holds its samples until it is done
     * @param samples takes them, unless that target was ended meanwhile
     * @param salt makes the times of this machine's targets differ from those of others
     */
    record World(
            EndpointClient client,
            InstantSource clock,
            Pause pause,
            Semaphore places,
            BiConsumer<Target, List<Sample>> samples,
            FindingSink findings,
            String salt) {}

    /**
     * Asks nothing yet.
     *
     * @param before the series that the target in whose place it comes had last
     */
    Target(
            String installation,
            String extension,
            MetricEndpoint endpoint,
            World world,
            Map<SeriesKey, MetricKind> before) {
        this.installation = installation;
        this.extension = extension;
        this.endpoint = endpoint;
        this.world = world;
        this.labels = SeriesLabels.ofEndpoint(installation, endpoint.name(), endpoint.labels());
        this.offset = Math.floorMod(
                mixed((world.salt() + "/" + installation + "/" + endpoint.name()).hashCode()),
                endpoint.interval().toMillis());
        this.series = before;
    }

    private static long mixed(int hash) {
        long spread = hash * 0x9E3779B97F4A7C15L;
        return spread ^ (spread >>> 29);
    }

    String installation() {
        return installation;
    }

    MetricEndpoint endpoint() {
        return endpoint;
    }

    /** What the last answer had; after {@link #end} nothing changes any more. */
    Map<SeriesKey, MetricKind> series() {
        synchronized (lock) {
            return series;
        }
    }

    @Override
    public void run() {
        synchronized (lock) {
            thread = Thread.currentThread();
        }
        try {
            while (true) {
                long asked = once();
                Duration wait =
                        Duration.ofMillis(nextAfter(asked) - world.clock().millis());
                if (!wait.isNegative()) {
                    interruptibly(() -> world.pause().forTime(wait));
                }
            }
        } catch (InterruptedException isOver) {
            // what was to be said was said by the one who ended it
        }
    }

    /** Its own times, but never sooner than half an interval after the last. */
    long nextAfter(long askedMillis) {
        long interval = endpoint.interval().toMillis();
        long earliest = askedMillis + interval / 2;
        return earliest + Math.floorMod(offset - earliest, interval);
    }

    /** What may be interrupted: waiting and asking, but never writing to the disk, which an interrupt would break. */
    private interface Interruptible {
        void run() throws InterruptedException;
    }

    private void interruptibly(Interruptible part) throws InterruptedException {
        synchronized (lock) {
            if (ended) {
                throw new InterruptedException();
            }
            interruptible = true;
        }
        try {
            part.run();
        } finally {
            synchronized (lock) {
                interruptible = false;
                if (Thread.interrupted() || ended) {
                    ended = true;
                }
            }
        }
        synchronized (lock) {
            if (ended) {
                throw new InterruptedException();
            }
        }
    }

    /** Asks once. Answers when, in milliseconds. */
    private long once() throws InterruptedException {
        boolean[] held = {false};
        try {
            interruptibly(() -> {
                world.places().acquire();
                held[0] = true;
            });
            Instant began = world.clock().instant();
            Scrape scrape = new Scrape(endpoint, labels, series(), began.toEpochMilli());
            String[] failure = {""};
            interruptibly(() -> {
                try {
                    world.client()
                            .ask(
                                    endpoint,
                                    answer -> Exposition.read(answer.body(), answer.contentType(), MAX_BYTES, scrape));
                } catch (IOException failed) {
                    failure[0] = failed.getMessage() == null ? failed.toString() : failed.getMessage();
                }
            });
            Duration took = Duration.between(began, world.clock().instant());
            tell(scrape, failure[0], began, took.isNegative() ? Duration.ZERO : took);
            return began.toEpochMilli();
        } finally {
            if (held[0]) {
                world.places().release();
            }
        }
    }

    private void tell(Scrape scrape, String failure, Instant at, Duration took) {
        long time = at.toEpochMilli();
        List<Sample> samples;
        synchronized (lock) {
            if (ended) {
                return;
            }
            if (failure.isEmpty()) {
                samples = scrape.done();
                series = scrape.series();
            } else {
                // A target that does not answer has no values: nobody shall take the last ones for today's.
                samples = ends(series, time);
                series = Map.of();
            }
            samples.add(own("up", time, failure.isEmpty() ? 1 : 0));
            samples.add(own("scrape_duration_seconds", time, took.toNanos() / 1e9));
            samples.add(own("scrape_samples_scraped", time, failure.isEmpty() ? scrape.told() : 0));
            newest = time;
        }
        // Not under the lock: who takes them may be about to end this target.
        world.samples().accept(this, samples);
        log(scrape, failure);
        if (failure.isEmpty()) {
            cardinality(scrape, at);
        }
    }

    private Sample own(String name, long time, double value) {
        return new Sample(labels.key(name), MetricKind.GAUGE, time, value);
    }

    private static List<Sample> ends(Map<SeriesKey, MetricKind> series, long time) {
        List<Sample> ends = new ArrayList<>(series.size() + 3);
        series.forEach((key, kind) -> ends.add(Sample.end(key, kind, time)));
        return ends;
    }

    /**
     * Ends it, at once, whatever it is doing.
     *
     * @param gone whether nobody asks in its place
     * @return the ends of its series, when it is gone
     */
    List<Sample> end(boolean gone) {
        List<Sample> ends = List.of();
        boolean resolves;
        synchronized (lock) {
            if (ended) {
                return ends;
            }
            ended = true;
            if (interruptible) {
                thread.interrupt();
            }
            resolves = gone && over;
            if (gone && newest > 0) {
                long time = Math.max(world.clock().millis(), newest + 1);
                ends = ends(series, time);
                for (String name : OWN_NAMES) {
                    ends.add(Sample.end(labels.key(name), MetricKind.GAUGE, time));
                }
            }
        }
        if (resolves) {
            report(
                    true,
                    "the endpoint is asked no more",
                    Map.of(),
                    world.clock().instant());
        }
        return ends;
    }

    private void log(Scrape scrape, String failure) {
        String name = endpoint.name() + " of " + installation;
        if (!failure.isEmpty() && !down) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Cannot take metrics from {0}: {1}; asking again every {2} s",
                    name,
                    failure,
                    endpoint.interval().toSeconds());
        } else if (failure.isEmpty() && down) {
            LOG.log(System.Logger.Level.INFO, "Metrics of {0} come again", name);
        }
        down = !failure.isEmpty();
        if (scrape.refused() > 0 && !scrape.refusal().equals(refusalTold)) {
            refusalTold = scrape.refusal();
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} samples of {1} are left out, the last because {2}",
                    scrape.refused(),
                    name,
                    refusalTold);
        }
    }

    private void cardinality(Scrape scrape, Instant at) {
        boolean now = scrape.leftOut() > 0;
        if (now == over && cardinalityTold) {
            return;
        }
        synchronized (lock) {
            over = now;
        }
        cardinalityTold = true;
        if (now) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} of {1} has more than the {2} series that are allowed; {3} are left out",
                    endpoint.name(),
                    installation,
                    endpoint.maxSeries(),
                    scrape.leftOut());
        }
        report(
                !now,
                now
                        ? "more than " + endpoint.maxSeries() + " series; " + scrape.leftOut() + " are left out"
                        : "all series are taken",
                Map.of(
                        "source",
                        endpoint.name(),
                        "maxSeries",
                        String.valueOf(endpoint.maxSeries()),
                        "leftOut",
                        String.valueOf(scrape.leftOut())),
                at);
    }

    private void report(boolean resolved, String title, Map<String, String> evidence, Instant at) {
        world.findings()
                .accept(FindingReport.fitting(
                        installation,
                        extension,
                        CARDINALITY,
                        endpoint.name(),
                        FindingSeverity.MEDIUM,
                        resolved,
                        title,
                        evidence,
                        at,
                        null));
    }
}
