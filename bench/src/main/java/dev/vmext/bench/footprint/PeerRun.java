package dev.vmext.bench.footprint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.bench.Series;
import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.archive.PackageWriter;
import dev.vmext.systemtests.product.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * waagent's half of the comparison, a process of its own because it must run inside the network name space that {@code in-namespace} makes.
 * Arguments: the root folder with waagent in it, where the figures go, rounds of installations, seconds of idling.
 */
@SuppressWarnings("try") // closing the server waits for the requests under way
public final class PeerRun {
    private static final int STARTS = 5;
    private static final Duration REST = Duration.ofSeconds(20);

    private final Path root;
    private final GoalStateServer server;
    private final Figures figures = new Figures();

    private PeerRun(Path root, GoalStateServer server) {
        this.root = root;
        this.server = server;
    }

    public static void main(String[] args) throws Exception {
        Path zip = Files.createTempDirectory("vmext-peer").resolve("stopwatch.zip");
        new PackageWriter(ArchiveLimits.standard())
                .pack(Repository.ROOT.resolve("bench/src/main/resources/stopwatch"), zip);
        try (GoalStateServer server = new GoalStateServer(Files.readAllBytes(zip))) {
            PeerRun run = new PeerRun(Path.of(args[0]), server);
            Process agent = run.starts();
            try {
                run.measure(agent, Integer.parseInt(args[2]), Long.parseLong(args[3]));
            } finally {
                kill(agent);
            }
            run.figures.write(Path.of(args[1]));
        }
    }

    private Process starts() throws Exception {
        Series contact = new Series();
        Series online = new Series();
        for (int i = 1; ; i++) {
            server.forget();
            long begin = System.nanoTime();
            Process agent = start();
            server.awaitContact();
            contact.add((System.nanoTime() - begin) / 1e6);
            server.awaitStatus(status -> status.path("aggregateStatus")
                    .path("guestAgentStatus")
                    .path("status")
                    .asText()
                    .equals("Ready"));
            online.add((System.nanoTime() - begin) / 1e6);
            if (i == STARTS) {
                figures.put(Figures.START, contact.text("ms"));
                figures.put(Figures.ONLINE, online.text("ms"));
                return agent;
            }
            kill(agent);
        }
    }

    private Process start() throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder("chroot", root.toString(), "/usr/bin/python3", "-u", "/usr/sbin/waagent", "-daemon");
        builder.redirectErrorStream(true);
        builder.redirectOutput(root.resolve("waagent.out").toFile());
        return builder.start();
    }

    private static void kill(Process agent) throws InterruptedException {
        List<ProcessHandle> all = agent.descendants().toList();
        agent.destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
        agent.waitFor();
        all.forEach(process -> process.onExit().join());
    }

    private static List<Long> pids(Process agent) {
        List<Long> pids = new ArrayList<>(List.of(agent.pid()));
        agent.descendants().forEach(process -> pids.add(process.pid()));
        return pids;
    }

    private void measure(Process agent, int rounds, long idleSeconds) throws Exception {
        Thread.sleep(REST.toMillis());
        figures.put(
                Figures.IDLE,
                ProcessSize.of(pids(agent)).text() + " in " + pids(agent).size() + " processes");
        double before = ProcessSize.cpuSeconds(pids(agent));
        Thread.sleep(Duration.ofSeconds(idleSeconds).toMillis());
        figures.put(
                Figures.CPU, String.format("%.2f", (ProcessSize.cpuSeconds(pids(agent)) - before) / idleSeconds * 100));
        Series first = new Series();
        Series overhead = new Series();
        for (int round = 1; round <= rounds; round++) {
            String file = "/var/tmp/times-" + round;
            Files.deleteIfExists(root.resolve(file.substring(1)));
            double asked = System.currentTimeMillis();
            server.wish(server.wish().next("enabled", round, file));
            server.awaitStatus(this::succeeded);
            double successful = System.currentTimeMillis();
            Stopwatch watch = Stopwatch.read(root.resolve(file.substring(1)));
            first.add(watch.begin() - asked);
            overhead.add(successful - asked - watch.ownTime());
            server.wish(server.wish().next("uninstall", round, file));
            server.awaitStatus(this::gone);
            if (round == 10 || round == 20) {
                Thread.sleep(REST.toMillis());
                figures.put(
                        round == 10 ? Figures.AFTER_TEN : Figures.AFTER_TWENTY,
                        ProcessSize.of(pids(agent)).text());
            }
        }
        figures.put(Figures.FIRST, first.text("ms"));
        figures.put(Figures.OVERHEAD, overhead.text("ms"));
    }

    private boolean current(JsonNode status) {
        return status.path("aggregateStatus")
                .path("vmArtifactsAggregateStatus")
                .path("goalStateAggregateStatus")
                .path("inSvdSeqNo")
                .asText()
                .equals(String.valueOf(server.wish().incarnation()));
    }

    private static JsonNode handlers(JsonNode status) {
        return status.path("aggregateStatus").path("handlerAggregateStatus");
    }

    private boolean succeeded(JsonNode status) {
        JsonNode settings = handlers(status).path(0).path("runtimeSettingsStatus");
        return current(status)
                && settings.path("sequenceNumber").asInt() == server.wish().sequence()
                && settings.path("settingsStatus")
                        .path("status")
                        .path("status")
                        .asText()
                        .equals("success");
    }

    private boolean gone(JsonNode status) {
        return current(status) && handlers(status).isEmpty();
    }
}
