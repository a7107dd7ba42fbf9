package dev.vmext.protocol.api;

/**
 * The end of a log.
 *
 * @param source console or agent
 * @param truncated true when the log has more before this
 */
public record LogText(String machine, String source, String text, boolean truncated) {}
