package dev.vmext.packageformat.manifest;

import java.util.OptionalInt;

/** What the handler may use of the machine: 100 cpuPercent is one core. Missing means no limit. */
public record Budget(OptionalInt cpuPercent, OptionalInt memoryMiB, OptionalInt diskMiB, OptionalInt tasks) {
    public static Budget unlimited() {
        return new Budget(OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty());
    }
}
