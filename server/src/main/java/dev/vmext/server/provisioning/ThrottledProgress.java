package dev.vmext.server.provisioning;

import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.Provisioning;
import dev.vmext.fleet.provider.Progress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Passes a provider's progress on: every new phase, and within one at most a line per second, since each is a commit. */
final class ThrottledProgress implements Progress {
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Fleet fleet;
    private final String machineId;
    private final InstantSource clock;
    private @Nullable Phase lastPhase;
    private Instant lastAt = Instant.MIN;

    ThrottledProgress(Fleet fleet, String machineId, InstantSource clock) {
        this.fleet = fleet;
        this.machineId = machineId;
        this.clock = clock;
    }

    @Override
    public synchronized void report(Phase phase, String text, OptionalInt percent) {
        Instant now = clock.instant();
        if (phase == lastPhase && now.isBefore(lastAt.plus(PAUSE))) {
            return;
        }
        lastPhase = phase;
        lastAt = now;
        fleet.provisioningProgress(
                machineId,
                new Provisioning.Running(
                        phase.name().toLowerCase(Locale.ROOT), text, percent.isPresent() ? percent.getAsInt() : null));
    }
}
