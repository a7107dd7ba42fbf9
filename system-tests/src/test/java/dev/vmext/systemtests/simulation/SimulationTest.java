package dev.vmext.systemtests.simulation;

import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Seeds are fixed, so that a green build stays green; {@code -Dvmext.seed=N} runs one, {@code -Dvmext.seeds=N} that many, beginning with
 * 1.
 */
class SimulationTest {
    private static final long SEEDS = Long.getLong("vmext.seeds", 20);
    private static final int EVENTS = 150;
    private static final Logger NOISY = Logger.getLogger("dev.vmext.agent");

    @TempDir
    static Path work;

    private static Shop shop;

    @BeforeAll
    static void make() {
        shop = new Shop(work);
        NOISY.setLevel(Level.OFF);
    }

    @AfterAll
    static void tell() {
        NOISY.setLevel(null);
    }

    static LongStream seeds() {
        Long one = Long.getLong("vmext.seed");
        return one == null ? LongStream.rangeClosed(1, SEEDS) : LongStream.of(one);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void comesToRestAsTheOperatorsLeftIt(long seed) {
        Simulation simulation = new Simulation(shop, seed, 3);
        try {
            simulation.run(EVENTS);
        } catch (AssertionError | RuntimeException failed) {
            int from = Math.max(0, simulation.story().size() - 60);
            throw new AssertionError(
                    "seed " + seed + ": " + failed.getMessage() + "\n"
                            + String.join(
                                    "\n",
                                    simulation
                                            .story()
                                            .subList(from, simulation.story().size())),
                    failed);
        }
    }
}
