package dev.vmext.protocol.api;

/**
 * A diagnostic bundle.
 *
 * @param name a file name that says of what and when
 * @param zip base64
 */
public record BundleFile(String machine, String name, String zip) {}
