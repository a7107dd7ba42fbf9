package dev.vmext.agent.run;

import java.time.Duration;

/**
 * How long things may take that no package says anything about.
 *
 * @param fetch one download with all its tries
 * @param files unpacking, copying, deleting
 * @param settle from a successful enable to the handler's word that it succeeded (azure-contract 1.15: 90 minutes)
 * @param firstStatus from a successful enable to the handler's first status file
 * @param malformed for how long a status file may be unreadable before that counts: it may just be written
 * @param others waiting for another installation or for the package
 * @param stretch everything that a package or the contract allows is multiplied by this, for slow machines
 */
public record Limits(
        Duration fetch,
        Duration files,
        Duration settle,
        Duration firstStatus,
        Duration malformed,
        Duration others,
        double stretch) {
    public static Limits stretched(double stretch) {
        return new Limits(
                times(Duration.ofMinutes(15), stretch),
                times(Duration.ofMinutes(10), stretch),
                times(Duration.ofMinutes(90), stretch),
                times(Duration.ofMinutes(5), stretch),
                times(Duration.ofSeconds(10), stretch),
                times(Duration.ofMinutes(90), stretch),
                stretch);
    }

    Duration stretched(Duration declared) {
        return times(declared, stretch);
    }

    private static Duration times(Duration duration, double factor) {
        return Duration.ofMillis(Math.round(duration.toMillis() * factor));
    }
}
