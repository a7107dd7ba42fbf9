package dev.vmext.agent.journal;

import java.time.Instant;

/**
 * A new version proves itself before the one before it is given up.
 *
 * @param until when it was healthy long enough
 * @param passed it was; what is left of the old version goes
 */
public record Trial(Instant until, boolean passed) {}
