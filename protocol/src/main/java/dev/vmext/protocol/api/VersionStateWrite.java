package dev.vmext.protocol.api;

/**
 * Says whether a version may be installed.
 *
 * @param state active, deprecated, insecure or withdrawn
 */
public record VersionStateWrite(String state) {}
