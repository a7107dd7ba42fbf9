package dev.vmext.packageformat.archive;

/**
 * How much a package may contain. The ratio (unpacked to packed bytes) counts only for entries above one MiB, because small
 * texts may shrink a lot without harm.
 */
public record ArchiveLimits(int entries, long totalBytes, long entryBytes, int ratio, int pathLength) {
    private static final long MIB = 1L << 20;

    public ArchiveLimits {
        if (entries < 1 || totalBytes < 1 || entryBytes < 1 || ratio < 1 || pathLength < 1) {
            throw new IllegalArgumentException("every limit must be at least 1");
        }
    }

    /** Wide enough for the largest public handlers, small enough for a machine's disk. */
    public static ArchiveLimits standard() {
        return new ArchiveLimits(20_000, 2048 * MIB, 1024 * MIB, 200, 240);
    }
}
