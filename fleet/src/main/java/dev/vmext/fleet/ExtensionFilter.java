package dev.vmext.fleet;

import java.util.Optional;

/**
 * Which extensions of the catalog are wanted; an empty field means any.
 *
 * @param category security, monitoring, management or backup
 * @param provider such as qemu
 * @param platform words in any order, each an os, distribution, version or architecture: {@code debian 12 amd64} or {@code linux/amd64}
 */
public record ExtensionFilter(Optional<String> category, Optional<String> provider, Optional<String> platform) {
    public static final ExtensionFilter ALL = new ExtensionFilter(Optional.empty(), Optional.empty(), Optional.empty());
}
