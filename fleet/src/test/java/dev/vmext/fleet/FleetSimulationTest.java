package dev.vmext.fleet;

import dev.vmext.fleet.testing.InMemoryFleetStore;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FleetSimulationTest {
    static LongStream seeds() {
        return LongStream.rangeClosed(1, 20);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void keepsItsPromisesWhateverHappens(long seed) {
        new FleetSimulation(new InMemoryFleetStore(), seed).run(300);
    }
}
