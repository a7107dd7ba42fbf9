package dev.vmext.agent.host;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;

/**
 * A file or folder that the janitor looks at.
 *
 * @param kind what it is to the janitor
 * @param group those that are looked at together: the folder of a handler's logs, of a version, of settings of one name
 * @param inUse whether the agent works with it
 * @param modified of a folder: the newest of what is directly in it
 * @param number of settings and statuses, else 0
 */
record Leftover(Kind kind, Path path, Path group, boolean inUse, long bytes, Instant modified, long number) {
    enum Kind {
        LOG,
        RUN,
        VERSION,
        CORE,
        SETTINGS
    }

    Leftover {
        Objects.requireNonNull(kind);
        Objects.requireNonNull(path);
        Objects.requireNonNull(group);
        Objects.requireNonNull(modified);
    }
}
