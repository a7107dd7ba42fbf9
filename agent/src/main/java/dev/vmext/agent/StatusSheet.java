package dev.vmext.agent;

import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.protocol.status.InstallationStatus;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Knows which status of each installation was reported last, so that only news are, and that each report is later than the one before,
 * whatever happens to the machine's clock: a report is acknowledged by its time. Used by the loop.
 */
final class StatusSheet {
    private final InstantSource clock;
    private final Map<String, InstallationStatus> reported = new HashMap<>();

    StatusSheet(InstantSource clock) {
        this.clock = clock;
    }

    void seen(InstallationStatus status) {
        reported.put(status.name(), status);
    }

    void forget(String name) {
        reported.remove(name);
    }

    /** The entry's status with the version that lies on the machine and the time of this observation. */
    InstallationStatus fill(Entry entry) {
        InstallationStatus status = entry.status();
        @Nullable String version = entry.active().map(Deployed::version).orElse(null);
        InstallationStatus last = reported.get(entry.name());
        if (last != null && same(last, at(status, version, last.at()))) {
            return last;
        }
        Instant now = clock.instant();
        Instant at = last == null || now.isAfter(last.at()) ? now : last.at().plusNanos(1000);
        return at(status, version, at);
    }

    /** Whether this says something that the last report did not; it then is the last report. */
    boolean isNews(InstallationStatus status) {
        InstallationStatus last = reported.put(status.name(), status);
        return last == null || !same(last, status);
    }

    private static boolean same(InstallationStatus one, InstallationStatus other) {
        return one.equals(other);
    }

    private static InstallationStatus at(InstallationStatus status, @Nullable String version, Instant at) {
        return new InstallationStatus(
                status.name(),
                status.extension(),
                version,
                status.state(),
                status.generation(),
                status.sequence(),
                status.healthy(),
                status.cause(),
                status.status(),
                status.output(),
                status.exitCode(),
                status.attempt(),
                status.since(),
                at,
                status.detail());
    }
}
