package dev.vmext.protocol.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A backup repository as the API shows it. It outlives its machine.
 *
 * @param machine the name that the machine has or had
 * @param machineExists whether the machine is still there
 * @param inUse whether an installation of the machine writes into it
 * @param replicaSecrets names of the secrets that are kept for the second place
 * @param running what is being done with it now: check, prove, replicate or prune; null for nothing
 */
public record RepositoryView(
        String project,
        String machine,
        String machineId,
        boolean machineExists,
        String installation,
        boolean inUse,
        Instant createdAt,
        RepositoryPolicy policy,
        List<String> replicaSecrets,
        RepositoryStatus status,
        @Nullable String running) {
    public RepositoryView {
        replicaSecrets = List.copyOf(replicaSecrets);
    }

    public RepositoryView running(@Nullable String work) {
        return new RepositoryView(
                project,
                machine,
                machineId,
                machineExists,
                installation,
                inUse,
                createdAt,
                policy,
                replicaSecrets,
                status,
                work);
    }
}
