package dev.vmext.agent.metrics;

import dev.vmext.agent.process.Pause;
import dev.vmext.agent.run.Monitoring;
import dev.vmext.agent.run.Probes;
import dev.vmext.agent.run.WatchedProbe;
import dev.vmext.packageformat.manifest.MonitoringProbe;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Asks a probe that says nothing about the health of its own installation, again and again. Runs on a virtual thread of {@link Monitors}
 * until that is interrupted.
 */
final class ProbeLoop implements Runnable {
    private final String installation;
    private final String extension;
    private final Path base;
    private final MonitoringProbe probe;
    private final World world;

    /**
     * What these loops share.
     *
     * @param stretch of grace times, for slow machines
     * @param results takes what was found, and must not be told after {@link Monitors} ended the loop: it looks for itself
     */
    record World(Probes prober, InstantSource clock, Pause pause, double stretch, Consumer<Result> results) {}

    /** What was found, and by which loop. */
    record Result(ProbeLoop from, Monitoring.Probed probed) {}

    ProbeLoop(String installation, String extension, Path base, MonitoringProbe probe, World world) {
        this.installation = installation;
        this.extension = extension;
        this.base = base;
        this.probe = probe;
        this.world = world;
    }

    MonitoringProbe probe() {
        return probe;
    }

    Path base() {
        return base;
    }

    @Override
    public void run() {
        Duration grace = Duration.ofMillis(Math.round(probe.probe().grace().toMillis() * world.stretch()));
        WatchedProbe watched = new WatchedProbe(probe.probe(), world.clock().instant(), grace);
        try {
            while (true) {
                Instant asked = world.clock().instant();
                Optional<String> failure = world.prober().ask(probe.probe(), base);
                Duration took = Duration.between(asked, world.clock().instant());
                watched.answered(failure, asked, probe.probe().interval());
                world.results()
                        .accept(new Result(
                                this,
                                new Monitoring.Probed(
                                        installation,
                                        extension,
                                        probe,
                                        asked,
                                        took.isNegative() ? Duration.ZERO : took,
                                        failure.orElse(""),
                                        watched.healthy())));
                Duration left = Duration.between(world.clock().instant(), watched.due());
                // A clock that was set must neither make it ask without end nor never again.
                Duration interval = probe.probe().interval();
                world.pause()
                        .forTime(left.isNegative() ? Duration.ZERO : left.compareTo(interval) < 0 ? left : interval);
            }
        } catch (InterruptedException ended) {
            // nothing is left to do
        }
    }
}
