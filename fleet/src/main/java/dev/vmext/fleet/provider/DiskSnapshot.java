package dev.vmext.fleet.provider;

import java.util.Objects;
import java.util.Optional;

/**
 * One complete snapshot of a machine's disk, as its provider keeps it. Half a snapshot is never one of these.
 *
 * @param parent the snapshot that this one builds on; empty for a full one
 * @param depth how many snapshots it builds on
 * @param whyFull why everything was copied, for a person; empty for an increment
 * @param running whether the machine ran when it was taken
 * @param diskBytes length of the disk
 * @param bytes what its own file takes, without those it builds on
 * @param digest {@code sha256:<hex>} of its own file
 */
public record DiskSnapshot(
        String id,
        Optional<String> parent,
        int depth,
        String whyFull,
        boolean running,
        long diskBytes,
        long bytes,
        String digest) {
    public DiskSnapshot {
        Objects.requireNonNull(id);
        Objects.requireNonNull(parent);
        Objects.requireNonNull(whyFull);
        Objects.requireNonNull(digest);
        if (parent.isPresent() != whyFull.isEmpty() || parent.isPresent() != depth > 0) {
            throw new IllegalArgumentException("snapshot " + id + " is neither full nor an increment");
        }
    }
}
