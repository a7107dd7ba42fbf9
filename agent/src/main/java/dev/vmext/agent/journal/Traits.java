package dev.vmext.agent.journal;

import dev.vmext.packageformat.manifest.ExtensionReference;
import dev.vmext.packageformat.manifest.Kind;
import dev.vmext.packageformat.manifest.Lease;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.packageformat.manifest.Reboot;
import dev.vmext.packageformat.manifest.Retry;
import dev.vmext.packageformat.manifest.UpdateStyle;
import java.time.Duration;
import java.util.List;

/**
 * What a package says about itself that decides which step comes next, and when.
 *
 * @param attempts tries of a failing command in all
 * @param sideBySide the version before stays enabled until this one proved healthy
 * @param healthTime for how long a new version must be healthy before the one before it is given up
 * @param reboot whether it needs, or may ask for, a restart of the machine
 * @param leases what its commands need for themselves
 * @param needs extensions that must be up before it
 * @param excludes extensions that may not be on the machine beside it
 */
public record Traits(
        boolean oneShot,
        boolean installsOnUpdate,
        boolean continuesOnUpdateFailure,
        int attempts,
        Duration retryDelay,
        Duration maxRetryDelay,
        boolean sideBySide,
        Duration healthTime,
        Reboot reboot,
        List<Lease> leases,
        List<ExtensionReference> needs,
        List<ExtensionReference> excludes) {
    public Traits {
        leases = List.copyOf(leases);
        needs = List.copyOf(needs);
        excludes = List.copyOf(excludes);
    }

    /** Of a package that says nothing about what is around it; so are all that the first format of the journal knew. */
    public Traits(
            boolean oneShot,
            boolean installsOnUpdate,
            boolean continuesOnUpdateFailure,
            int attempts,
            Duration retryDelay,
            Duration maxRetryDelay) {
        this(
                oneShot,
                installsOnUpdate,
                continuesOnUpdateFailure,
                attempts,
                retryDelay,
                maxRetryDelay,
                false,
                Duration.ZERO,
                Reboot.NEVER,
                List.of(),
                List.of(),
                List.of());
    }

    public static Traits of(PackageDescription description) {
        Retry retry = description.execution().retry();
        return new Traits(
                description.kind() == Kind.ONE_SHOT,
                description.handler().installsOnUpdate(),
                description.handler().continueOnUpdateFailure(),
                retry.attempts(),
                retry.delay(),
                retry.maxDelay(),
                description.execution().update() == UpdateStyle.SIDE_BY_SIDE,
                description.healthTime(),
                description.execution().reboot(),
                description.execution().leases(),
                description.applicability().dependencies(),
                description.applicability().conflicts());
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
