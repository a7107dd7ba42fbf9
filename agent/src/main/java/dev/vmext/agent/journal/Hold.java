package dev.vmext.agent.journal;

import dev.vmext.protocol.Digest;
import dev.vmext.protocol.status.Cause;
import java.time.Duration;
import java.time.Instant;

/**
 * A version that was tried, failed, and is not tried again by itself for some time, though the goal still names it. What ran before
 * runs on; new settings go to that one.
 *
 * @param until when it is tried again by itself, by the machine's clock
 */
public record Hold(String version, Digest digest, Cause cause, Instant until) {
    /** Long enough for somebody to look, short enough that a machine forgotten by everybody gets its update in the end. */
    public static final Duration USUAL = Duration.ofHours(24);
}
