package dev.vmext.agent.journal;

import dev.vmext.protocol.Digest;

/**
 * The version that ran before an update, kept until the new one is ready.
 *
 * @param sequence of the settings it ran with
 */
public record Previous(String version, Digest digest, long sequence) {}
