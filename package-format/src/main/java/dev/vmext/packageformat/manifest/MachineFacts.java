package dev.vmext.packageformat.manifest;

/**
 * What must be known of a machine to tell whether an extension fits it, in the words of {@code extension.json}: os "linux",
 * distro and version as in os-release ("debian", "12"), arch as Debian calls it ("amd64", "arm64"), provider ("qemu").
 */
public record MachineFacts(String os, String distro, String version, String arch, String provider) {}
