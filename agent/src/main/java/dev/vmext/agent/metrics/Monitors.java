package dev.vmext.agent.metrics;

import dev.vmext.agent.config.Places;
import dev.vmext.agent.finding.FindingSink;
import dev.vmext.agent.process.Pause;
import dev.vmext.agent.run.Monitoring;
import dev.vmext.agent.run.Probes;
import dev.vmext.packageformat.manifest.MetricEndpoint;
import dev.vmext.packageformat.manifest.MonitoringProbe;
import dev.vmext.protocol.metrics.MetricKind;
import dev.vmext.protocol.metrics.Sample;
import dev.vmext.protocol.metrics.SeriesKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;

/**
 * Owns everything that is asked for metrics on this machine: a virtual thread for each endpoint and each probe of its own, one that
 * sends, and the buffer between them. Where nothing is declared, nothing is started. Any thread; {@link #only} and {@link #declared} answer
 * at once.
 *
 * <p>Endpoints are asked only after some control plane has offered to take metrics; that is remembered, so that a machine goes on while it
 * is away from it.
 */
public final class Monitors implements Monitoring {
    /** What waits on the disk for a gateway that is away. */
    public static final long BUFFER_BYTES = 64L << 20;

    private static final System.Logger LOG = System.getLogger(Monitors.class.getName());
    private static final String OFFERED = "offered";
    private static final String DROPPED = "vmext_metrics_dropped_samples_total";
    /** Each one holds the samples of an answer until they are on the disk. */
    private static final int AT_A_TIME = 2;

    private static final int MAX_WAITING = 500;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);
    private static final Duration DROPPED_EVERY = Duration.ofMinutes(1);

    private final Path folder;
    private final World world;
    private final BatchFolder batches;
    private final Sender sender;
    private final Target.World targetWorld;
    private final ProbeLoop.World probeWorld;
    private final ProbeFindings findings;
    private final Map<String, Declared> declared = new HashMap<>();
    private final Map<String, Map<String, Target>> targets = new HashMap<>();
    private final Map<String, Map<String, RunningProbe>> probes = new HashMap<>();
    private final List<Sample> waiting = new ArrayList<>();
    private Instant waitingSince = Instant.MAX;
    private Instant droppedTold = Instant.MIN;
    private Set<String> running = Set.of();
    private boolean offered;
    private boolean senderRuns;

    /**
     * What the owner brings along.
     *
     * @param salt differs from machine to machine
     * @param stretch of grace times, for slow machines
     */
    public record World(
            Uplink uplink,
            Probes prober,
            FindingSink findings,
            InstantSource clock,
            Pause pause,
            RandomGenerator random,
            String salt,
            double stretch) {}

    private record RunningProbe(ProbeLoop loop, Thread thread) {}

    /**
     * Goes on with what waits in the folder; starts nothing yet.
     *
     * @param folder of the buffer; made when it is needed
     */
    public Monitors(Path folder, World world) throws IOException {
        this(folder, world, BUFFER_BYTES, Sender.Waits.USUAL);
    }

    Monitors(Path folder, World world, long bufferBytes, Sender.Waits waits) throws IOException {
        this.folder = folder;
        this.world = world;
        this.batches = new BatchFolder(folder, bufferBytes, world.random());
        this.sender = new Sender(batches, world.uplink(), waits, world.random(), this::flush);
        this.findings = new ProbeFindings(world.findings());
        this.targetWorld = new Target.World(
                new EndpointClient(world.pause()),
                world.clock(),
                world.pause(),
                new Semaphore(AT_A_TIME),
                this::scraped,
                world.findings(),
                world.salt());
        this.probeWorld =
                new ProbeLoop.World(world.prober(), world.clock(), world.pause(), world.stretch(), this::probedApart);
        this.offered = Files.exists(folder.resolve(OFFERED));
        sender.open(offered);
        if (offered && !batches.isEmpty()) {
            startSender();
        }
    }

    /** The control plane takes metrics, or does not any more. */
    public synchronized void offered(boolean taken) {
        if (taken == offered) {
            return;
        }
        offered = taken;
        try {
            if (taken) {
                Places.makePrivate(folder);
                Files.write(folder.resolve(OFFERED), new byte[0]);
            } else {
                Files.deleteIfExists(folder.resolve(OFFERED));
            }
        } catch (IOException failed) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Cannot remember that the control plane takes metrics, asking it again after a restart: {0}",
                    failed.getMessage());
        }
        sender.open(taken);
        if (taken && !batches.isEmpty()) {
            startSender();
        }
        declared.values().forEach(this::arrangeTargets);
    }

    /** The gateway can be reached again. */
    public void connected() {
        sender.connected();
    }

    @Override
    public synchronized void only(Set<String> installations) {
        running = Set.copyOf(installations);
        for (Iterator<Declared> all = declared.values().iterator(); all.hasNext(); ) {
            Declared was = all.next();
            String installation = was.installation();
            if (!running.contains(installation)) {
                all.remove();
                Map<String, Target> asked = targets.remove(installation);
                if (asked != null) {
                    asked.values().forEach(target -> waiting.addAll(target.end(true)));
                }
                Map<String, RunningProbe> probed = probes.remove(installation);
                if (probed != null) {
                    probed.values().forEach(probe -> probe.thread().interrupt());
                }
                was.probes()
                        .forEach(probe -> endSeries(installation, probe.probe().name()));
                flush();
                findings.ended(installation, probe -> true, world.clock().instant());
            }
        }
    }

    @Override
    public synchronized void declared(Declared next) {
        if (!running.contains(next.installation())) {
            return; // it was disabled while somebody looked at it
        }
        Declared before = declared.put(next.installation(), next);
        arrangeTargets(next);
        arrangeProbes(next);
        Set<String> left = names(next);
        if (before != null) {
            for (MonitoringProbe probe : before.probes()) {
                if (!left.contains(probe.probe().name())) {
                    endSeries(next.installation(), probe.probe().name());
                }
            }
        }
        findings.ended(
                next.installation(),
                probe -> !left.contains(probe),
                world.clock().instant());
    }

    private static Set<String> names(Declared declared) {
        Set<String> names = new HashSet<>();
        declared.probes().forEach(probe -> names.add(probe.probe().name()));
        return names;
    }

    /** Starts and ends targets until they are those that are declared. One that is only declared anew goes on with its series. */
    private void arrangeTargets(Declared next) {
        Map<String, Target> now = targets.computeIfAbsent(next.installation(), name -> new HashMap<>());
        Map<String, MetricEndpoint> wanted = new HashMap<>();
        if (offered) {
            next.endpoints().forEach(endpoint -> wanted.put(endpoint.name(), endpoint));
        }
        now.entrySet().removeIf(one -> {
            boolean gone = !wanted.containsKey(one.getKey());
            if (gone) {
                waiting.addAll(one.getValue().end(true));
            }
            return gone;
        });
        wanted.forEach((name, endpoint) -> {
            Target before = now.get(name);
            if (before != null && before.endpoint().equals(endpoint)) {
                return;
            }
            Map<SeriesKey, MetricKind> series = Map.of();
            if (before != null) {
                var _ = before.end(false); // its series go on
                series = before.series();
            }
            Target target = new Target(next.installation(), next.extension(), endpoint, targetWorld, series);
            Thread.ofVirtual()
                    .name("scrape " + next.installation() + " " + name)
                    .start(target);
            now.put(name, target);
        });
    }

    private void arrangeProbes(Declared next) {
        Map<String, RunningProbe> now = probes.computeIfAbsent(next.installation(), name -> new HashMap<>());
        Map<String, MonitoringProbe> wanted = new HashMap<>();
        next.probes().stream()
                .filter(probe -> !probe.health())
                .forEach(probe -> wanted.put(probe.probe().name(), probe));
        now.entrySet().removeIf(one -> {
            boolean stays = one.getValue().loop().probe().equals(wanted.get(one.getKey()))
                    && one.getValue().loop().base().equals(next.base());
            if (!stays) {
                one.getValue().thread().interrupt();
            }
            return !stays;
        });
        wanted.forEach((name, probe) -> {
            if (!now.containsKey(name)) {
                ProbeLoop loop = new ProbeLoop(next.installation(), next.extension(), next.base(), probe, probeWorld);
                now.put(
                        name,
                        new RunningProbe(
                                loop, Thread.ofVirtual().name("probe " + name).unstarted(loop)));
                now.get(name).thread().start();
            }
        });
    }

    private void endSeries(String installation, String probe) {
        if (offered) {
            keep(ProbeSamples.ends(installation, probe, world.clock().millis()));
        }
    }

    @Override
    public synchronized void probed(Probed probed) {
        if (running.contains(probed.installation())) {
            took(probed);
        }
    }

    private synchronized void probedApart(ProbeLoop.Result result) {
        RunningProbe now = probes.getOrDefault(result.probed().installation(), Map.of())
                .get(result.probed().probe().probe().name());
        if (now != null && now.loop() == result.from()) {
            took(result.probed());
        }
    }

    private void took(Probed probed) {
        Declared by = declared.get(probed.installation());
        findings.probed(probed, by == null ? List.of() : by.findings());
        if (offered) {
            keep(ProbeSamples.of(probed));
        }
    }

    /** Few samples wait a moment for others, so that the disk is not full of files for each. */
    private void keep(List<Sample> few) {
        Instant now = world.clock().instant();
        if (waiting.isEmpty()) {
            waitingSince = now;
        }
        waiting.addAll(few);
        boolean longEnough = !now.isBefore(waitingSince.plus(LONGEST_WAIT)) || now.isBefore(waitingSince);
        if (waiting.size() >= MAX_WAITING || longEnough) {
            flush();
        } else {
            startSender();
            sender.added();
        }
    }

    private synchronized void scraped(Target from, List<Sample> samples) {
        if (targets.getOrDefault(from.installation(), Map.of())
                        .get(from.endpoint().name())
                != from) {
            return; // it was ended while it was told
        }
        waiting.addAll(samples);
        flush();
    }

    /** Puts on the disk what waits in memory; called before the process ends, too. */
    public synchronized void flush() {
        if (waiting.isEmpty()) {
            return;
        }
        Instant now = world.clock().instant();
        if (now.isBefore(droppedTold) || !now.isBefore(droppedTold.plus(DROPPED_EVERY))) {
            droppedTold = now;
            waiting.add(new Sample(SeriesKey.of(DROPPED), MetricKind.COUNTER, now.toEpochMilli(), batches.dropped()));
        }
        batches.add(waiting);
        waiting.clear();
        startSender();
        sender.added();
    }

    private void startSender() {
        if (!senderRuns) {
            senderRuns = true;
            Thread.ofVirtual().name("metrics-sender").start(() -> {
                try {
                    sender.run();
                } catch (InterruptedException ended) {
                    // the process ends
                }
            });
        }
    }
}
