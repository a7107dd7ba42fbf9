package dev.vmext.packageformat.manifest;

import java.time.Duration;

/** How often a failed command is tried in all, and the wait between tries, doubled each time up to the maximum. */
public record Retry(int attempts, Duration delay, Duration maxDelay) {
    public static Retry none() {
        return new Retry(1, Duration.ofSeconds(10), Duration.ofSeconds(300));
    }
}
