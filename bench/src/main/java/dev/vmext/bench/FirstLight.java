package dev.vmext.bench;

import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Guest;
import dev.vmext.systemtests.product.Repository;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The agent's footprint and the platform's speed: one real server and one real agent as processes on this host, without a VM. Start-up
 * is counted from the process's start to the server seeing it online; resident size after a rest and again after ten installations.
 */
@SuppressWarnings("try") // closing server and machine waits for their processes
public final class FirstLight {
    private static final int ROUNDS = 20;
    private static final Duration REST = Duration.ofSeconds(15);
    private static final Duration SOON = Duration.ofSeconds(60);

    private FirstLight() {}

    public static void main(String[] args) throws Exception {
        PrintStream out = System.out;
        Path folder = Files.createTempDirectory("vmext-bench");
        try (ControlPlane plane = ControlPlane.start(folder.resolve("home"))) {
            plane.publish(Repository.ROOT.resolve("bench/src/main/resources/stopwatch"), "1.0.0");
            try (Guest guest = Guest.enrol(plane, "bench", folder.resolve("machine"), "full")) {
                out.println("| What | Measured |");
                out.println("|---|---|");
                startTimes(plane, guest, out);
                Thread.sleep(REST.toMillis());
                out.println("| agent resident, idle | " + resident(guest.pid()) + " |");
                out.println("| agent CPU over 30 s idle | " + idleCpu(guest.pid()) + " |");
                installations(plane, folder, out);
                Thread.sleep(REST.toMillis());
                out.println("| agent resident after " + ROUNDS + " installations and removals | "
                        + resident(guest.pid()) + " |");
                out.println("| agent on disk, unpacked | " + megabytes(Guest.agentHome()) + " MB |");
            }
        }
    }

    private static void startTimes(ControlPlane plane, Guest guest, PrintStream out) throws Exception {
        Series online = new Series();
        for (int i = 0; i < 7; i++) {
            guest.killNine();
            Eventually.until(
                    "the machine is seen offline",
                    SOON,
                    () -> plane.api()
                            .get("/v1/projects/default/machines/bench")
                            .body()
                            .path("state")
                            .asText(),
                    "offline"::equals);
            long begin = System.nanoTime();
            guest.startAgain();
            while (!plane.api()
                    .get("/v1/projects/default/machines/bench")
                    .body()
                    .path("state")
                    .asText()
                    .equals("online")) {
                Thread.onSpinWait();
            }
            online.add((System.nanoTime() - begin) / 1e6);
        }
        out.println("| agent start to connected | " + online.text("ms") + " |");
    }

    private static void installations(ControlPlane plane, Path folder, PrintStream out) throws Exception {
        Series firstInstruction = new Series();
        Series overhead = new Series();
        for (int i = 0; i < ROUNDS; i++) {
            String name = "watch" + i;
            Path times = folder.resolve("times-" + i);
            double asked = System.currentTimeMillis();
            plane.api()
                    .put(
                            ControlPlane.path("bench", name),
                            "{\"extension\": \"vmext.Stopwatch\", \"settings\": {\"file\": \"" + times + "\"}}")
                    .ok();
            plane.awaitHealthy("bench", name, SOON);
            double healthy = System.currentTimeMillis();
            List<String> stamps = Files.readAllLines(times, StandardCharsets.UTF_8);
            double begin = Long.parseLong(stamps.getFirst()) / 1e6;
            double handler = 0;
            for (int line = 0; line + 1 < stamps.size(); line += 2) {
                handler += (Long.parseLong(stamps.get(line + 1)) - Long.parseLong(stamps.get(line))) / 1e6;
            }
            firstInstruction.add(begin - asked);
            overhead.add(healthy - asked - handler);
            plane.api().delete(ControlPlane.path("bench", name)).ok();
            plane.awaitGone("bench", name, SOON);
        }
        out.println("| request to the handler's first instruction | " + firstInstruction.text("ms") + " |");
        out.println("| request to seen healthy, less the handler's own time (looked at every 100 ms) | "
                + overhead.text("ms") + " |");
    }

    private static String resident(long pid) throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return String.format("%.1f MiB", Long.parseLong(line.replaceAll("\\D", "")) / 1024.0);
            }
        }
        throw new IllegalStateException("no VmRSS of " + pid);
    }

    private static String idleCpu(long pid) throws Exception {
        long before = ticks(pid);
        Thread.sleep(30_000);
        long used = ticks(pid) - before;
        return String.format("%.2f %% of a core", used / 100.0 / 30.0 * 100.0);
    }

    private static long ticks(long pid) throws Exception {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    private static long megabytes(Path folder) throws Exception {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                            .mapToLong(file -> file.toFile().length())
                            .sum()
                    / 1_000_000;
        }
    }
}
