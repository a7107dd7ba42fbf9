package dev.vmext.bench.footprint;

import dev.vmext.bench.Series;
import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Guest;
import dev.vmext.systemtests.product.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Our half of the comparison: a real server and the agent as it ships, in a private root folder. */
@SuppressWarnings("try") // closing server and machine waits for their processes
final class AgentRun {
    private static final int STARTS = 7;
    private static final Duration REST = Duration.ofSeconds(20);
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String MACHINE = "/v1/projects/default/machines/bench";

    private final Figures figures = new Figures();

    private AgentRun() {}

    static Figures run(int rounds, long idleSeconds) throws Exception {
        Path folder = Files.createTempDirectory("vmext-footprint");
        AgentRun run = new AgentRun();
        try (ControlPlane plane = ControlPlane.start(folder.resolve("home"))) {
            plane.publish(Repository.ROOT.resolve("bench/src/main/resources/stopwatch"), "1.0.0");
            try (Guest guest = Guest.enrol(plane, "bench", folder.resolve("machine"), "full")) {
                run.starts(plane, guest);
                run.measure(plane, guest, folder, rounds, idleSeconds);
            }
        }
        run.figures.put(Figures.DISK, megabytes(Guest.agentHome()) + ", its Java included");
        return run.figures;
    }

    private static String state(ControlPlane plane) throws Exception {
        return plane.api().get(MACHINE).body().path("state").asText();
    }

    private void starts(ControlPlane plane, Guest guest) throws Exception {
        Series online = new Series();
        for (int i = 0; i < STARTS; i++) {
            guest.killNine();
            Eventually.until("the machine is seen offline", SOON, () -> state(plane), "offline"::equals);
            long begin = System.nanoTime();
            guest.startAgain();
            while (!state(plane).equals("online")) {
                Thread.sleep(2);
            }
            online.add((System.nanoTime() - begin) / 1e6);
        }
        figures.put(Figures.ONLINE, online.text("ms"));
    }

    private void measure(ControlPlane plane, Guest guest, Path folder, int rounds, long idleSeconds) throws Exception {
        List<Long> pids = List.of(guest.pid());
        Thread.sleep(REST.toMillis());
        figures.put(Figures.IDLE, ProcessSize.of(pids).text() + " in 1 process");
        double before = ProcessSize.cpuSeconds(pids);
        Thread.sleep(Duration.ofSeconds(idleSeconds).toMillis());
        figures.put(Figures.CPU, String.format("%.2f", (ProcessSize.cpuSeconds(pids) - before) / idleSeconds * 100));
        Series first = new Series();
        Series overhead = new Series();
        for (int round = 1; round <= rounds; round++) {
            Path times = folder.resolve("times-" + round);
            String name = "watch" + round;
            double asked = System.currentTimeMillis();
            plane.api()
                    .put(
                            ControlPlane.path("bench", name),
                            "{\"extension\": \"vmext.Stopwatch\", \"settings\": {\"file\": \"" + times + "\"}}")
                    .ok();
            while (!plane.installation("bench", name).path("healthy").asBoolean()) {
                Thread.sleep(10);
            }
            double healthy = System.currentTimeMillis();
            Stopwatch watch = Stopwatch.read(times);
            first.add(watch.begin() - asked);
            overhead.add(healthy - asked - watch.ownTime());
            plane.api().delete(ControlPlane.path("bench", name)).ok();
            plane.awaitGone("bench", name, SOON);
            if (round == 10 || round == 20) {
                Thread.sleep(REST.toMillis());
                figures.put(
                        round == 10 ? Figures.AFTER_TEN : Figures.AFTER_TWENTY,
                        ProcessSize.of(pids).text());
            }
        }
        figures.put(Figures.FIRST, first.text("ms"));
        figures.put(Figures.OVERHEAD, overhead.text("ms"));
    }

    private static long megabytes(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                            .mapToLong(file -> file.toFile().length())
                            .sum()
                    / 1_000_000;
        }
    }
}
