package dev.vmext.extensionkit.monitoring;

import static dev.vmext.extensionkit.monitoring.Endpoint.require;

import dev.vmext.extensionkit.Json;
import java.util.Optional;

/**
 * A question that the agent asks again and again. What it finds becomes metrics: whether it passed, how long it took, and whether it is
 * healthy by its thresholds. Immutable.
 *
 * @param name unique in the installation; the metrics carry it as the label {@code probe}
 * @param intervalSec time between two questions, 1 s to a day
 * @param timeoutSec time for one answer, at most the interval
 * @param graceSec time after enable in which failures do not count, at most a day
 * @param failureThreshold failures in a row until it is unhealthy, 1 to 100
 * @param successThreshold passes in a row until it is healthy, 1 to 100
 * @param health whether the installation itself is unhealthy when the probe is
 * @param finding the declared type of finding that is open while the probe is unhealthy; empty for none
 */
public record WatchedProbe(
        String name,
        Check check,
        int intervalSec,
        int timeoutSec,
        int graceSec,
        int failureThreshold,
        int successThreshold,
        boolean health,
        Optional<String> finding) {

    /** Checks all of it; an {@link IllegalArgumentException} says in words what is wrong. */
    public WatchedProbe {
        require(
                Endpoint.NAME.matcher(name).matches(),
                "the name must be lower-case letters, digits and hyphens, at most 63");
        require(intervalSec >= 1 && intervalSec <= 86_400, "the interval must be from 1 to 86400 seconds");
        require(
                timeoutSec >= 1 && timeoutSec <= intervalSec,
                "the time for one answer must be from 1 second to the interval");
        require(graceSec >= 0 && graceSec <= 86_400, "the grace time must be from 0 to 86400 seconds");
        require(
                failureThreshold >= 1 && failureThreshold <= 100,
                "the failures until it is unhealthy must be from 1 to 100");
        require(
                successThreshold >= 1 && successThreshold <= 100,
                "the passes until it is healthy must be from 1 to 100");
    }

    Json json() {
        var field = check.field();
        Json.Obj object = Json.object()
                .with("name", name)
                .with(field.getKey(), field.getValue())
                .with("intervalSec", intervalSec)
                .with("timeoutSec", timeoutSec)
                .with("graceSec", graceSec)
                .with("failureThreshold", failureThreshold)
                .with("successThreshold", successThreshold)
                .with("health", new Json.Bool(health));
        return finding.map(type -> object.with("finding", type)).orElse(object);
    }
}
