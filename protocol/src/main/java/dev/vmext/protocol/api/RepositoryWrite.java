package dev.vmext.protocol.api;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A change of a backup repository.
 *
 * @param policy missing changes nothing of it
 * @param replicaEnvironment secrets for the second place, such as {@code AWS_SECRET_ACCESS_KEY}; replaces all that were given before, and is
 *     never shown again; missing changes nothing
 */
public record RepositoryWrite(
        @Nullable RepositoryPolicy policy, @Nullable Map<String, String> replicaEnvironment) {
    public RepositoryWrite {
        replicaEnvironment = replicaEnvironment == null ? null : Map.copyOf(replicaEnvironment);
    }

    /** Secrets are in it. */
    @Override
    public String toString() {
        return "RepositoryWrite[policy=" + policy + "]";
    }
}
