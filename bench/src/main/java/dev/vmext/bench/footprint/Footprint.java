package dev.vmext.bench.footprint;

import dev.vmext.systemtests.product.Product;
import dev.vmext.systemtests.product.Repository;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Prints the agent's footprint beside waagent's, one after the other on this machine. Needs root and, the first time, the network for
 * Debian's packages. Arguments, all optional: seconds of idling (300), rounds of installations (20).
 */
public final class Footprint {
    private static final List<String> ROWS = List.of(
            Figures.IDLE,
            Figures.AFTER_TEN,
            Figures.AFTER_TWENTY,
            Figures.CPU,
            Figures.START,
            Figures.ONLINE,
            Figures.FIRST,
            Figures.OVERHEAD,
            Figures.DISK);

    private Footprint() {}

    public static void main(String[] args) throws Exception {
        long idle = args.length > 0 ? Long.parseLong(args[0]) : 300;
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 20;
        Path scripts = Repository.ROOT.resolve("bench/footprint");
        Path peer = Repository.ROOT.resolve("target/bench-peer");
        require(Product.run(
                Repository.ROOT,
                "",
                1800,
                Map.of(),
                List.of(scripts.resolve("peer-root").toString(), peer.toString())));
        String load = load();
        Figures ours = AgentRun.run(rounds, idle);
        Path file = peer.resolve("figures");
        Files.deleteIfExists(file);
        require(Product.run(
                Repository.ROOT,
                "",
                (int) (1800 + idle),
                Map.of(),
                List.of(
                        scripts.resolve("in-namespace").toString(),
                        peer.resolve("root").toString(),
                        Product.java(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        PeerRun.class.getName(),
                        peer.resolve("root").toString(),
                        file.toString(),
                        String.valueOf(rounds),
                        String.valueOf(idle))));
        Figures theirs = Figures.read(file);
        String[] disk = Files.readString(peer.resolve("disk")).strip().split(" ", -1);
        theirs.put(
                Figures.DISK,
                disk[0] + ", and " + disk[1] + " with the Python it needs where a minimal Debian has none");
        PrintStream out = System.out;
        out.println("| What | vmext agent | waagent "
                + Files.readString(peer.resolve("version")).strip() + " |");
        out.println("|---|---|---|");
        for (String row : ROWS) {
            out.println("| " + row + " | " + ours.get(row) + " | " + theirs.get(row) + " |");
        }
        out.println();
        out.println("Load of the machine (1, 5, 15 minutes) before: " + load + "; after: " + load() + "; idle time "
                + idle + " s, " + rounds + " rounds.");
    }

    private static void require(Product.Said said) {
        if (said.exit() != 0) {
            throw new IllegalStateException(said.all());
        }
    }

    private static String load() throws Exception {
        String[] words = Files.readString(Path.of("/proc/loadavg")).split(" ", -1);
        return words[0] + ", " + words[1] + ", " + words[2];
    }
}
