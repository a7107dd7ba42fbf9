package dev.vmext.protocol.api;

import java.time.Instant;
import java.util.List;

/**
 * One backup in a repository.
 *
 * @param id 64 hexadecimal digits
 * @param time when the machine says that it was taken
 * @param host the name that the machine gave itself
 */
public record SnapshotView(String id, Instant time, String host, List<String> paths, List<String> tags) {
    public SnapshotView {
        paths = List.copyOf(paths);
        tags = List.copyOf(tags);
    }
}
