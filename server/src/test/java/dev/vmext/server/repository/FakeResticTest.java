package dev.vmext.server.repository;

import dev.vmext.server.repository.Restic.Place;
import dev.vmext.server.repository.testing.FakeRestic;
import dev.vmext.testkit.ManualClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** The fake keeps the contract. */
class FakeResticTest extends ResticContract {
    private final FakeRestic fake = new FakeRestic();
    private final ManualClock clock = ManualClock.atNewYear();

    @Override
    Restic restic() {
        return fake;
    }

    @Override
    void initialise(Place place) {
        fake.initialise(place);
    }

    @Override
    void backUp(Place place, Path file, String content) throws Exception {
        clock.advance(Duration.ofSeconds(1));
        fake.backUp(place, clock.instant(), Map.of(file.toString(), content));
    }

    @Override
    void damage(Place place) throws Exception {
        fake.damage(place);
    }
}
