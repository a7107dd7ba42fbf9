package dev.vmext.agent.journal;

import dev.vmext.packageformat.manifest.Kind;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.packageformat.manifest.Retry;
import java.time.Duration;

/**
 * What a package says about itself that decides which step comes next.
 *
 * @param attempts tries of a failing command in all
 */
public record Traits(
        boolean oneShot,
        boolean installsOnUpdate,
        boolean continuesOnUpdateFailure,
        int attempts,
        Duration retryDelay,
        Duration maxRetryDelay) {
    public static Traits of(PackageDescription description) {
        Retry retry = description.execution().retry();
        return new Traits(
                description.kind() == Kind.ONE_SHOT,
                description.handler().installsOnUpdate(),
                description.handler().continueOnUpdateFailure(),
                retry.attempts(),
                retry.delay(),
                retry.maxDelay());
    }

    /** The wait after this failed try, doubled each time. */
    public Duration delayAfter(int attempt) {
        Duration delay = retryDelay;
        for (int i = 1; i < attempt && delay.compareTo(maxRetryDelay) < 0; i++) {
            delay = delay.multipliedBy(2);
        }
        return delay.compareTo(maxRetryDelay) < 0 ? delay : maxRetryDelay;
    }
}
