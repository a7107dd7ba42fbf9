package dev.vmext.agent.run;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether a status file is a handler's word about its last enable, or one from before. Two enables may have the same sequence number:
 * an update takes the status files along, and after a boot the same settings are enabled again. A handler that goes on with its work
 * after its enable ended writes its word later; until then the file says what was true of the time before.
 *
 * <p>A handler that has nothing new to say may leave the file as it is, so after a while the old word counts. Immutable.
 *
 * @param began when the enable began, null when nobody knows any more: then every file counts
 * @param ended when it had ended, at the latest
 */
record EnableWord(@Nullable Instant began, Instant ended) {
    /** From the end of the enable on. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    /** The times of files are those of the kernel's last tick, which is a little before the clock's time. */
    private static final Duration TICK = Duration.ofMillis(20);

    /**
     * Whether the word is not to be believed yet.
     *
     * @param written when the file was written, null when the word comes from no file
     */
    boolean before(@Nullable Instant written, Instant now) {
        return began != null
                && written != null
                && written.isBefore(began.minus(TICK))
                && now.isBefore(ended.plus(PATIENCE));
    }
}
