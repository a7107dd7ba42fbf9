package dev.vmext.fleet;

import org.jspecify.annotations.Nullable;

/** What a provider is asked to build; null leaves it to the provider. */
public record Hardware(
        @Nullable Integer cpus,
        @Nullable Integer memoryMiB,
        @Nullable Integer diskGiB) {}
