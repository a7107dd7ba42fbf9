package dev.vmext.fleet;

import dev.vmext.protocol.api.RepositoryPolicy;
import dev.vmext.protocol.api.RepositoryStatus;
import dev.vmext.protocol.api.RepositoryView;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The backup repository of an installation, as it is remembered; the backups themselves are files. It stays when its installation or its
 * machine goes: what is in it is needed just then.
 *
 * @param machine the machine's name
 * @param sealedPassword under the master key, bound to machine and installation
 * @param sealedSecrets for the second place, a JSON object; null for none
 * @param secretNames of those
 * @param revision see {@link FleetChange}
 */
public record Repository(
        String machineId,
        String project,
        String machine,
        String installation,
        String sealedPassword,
        @Nullable String sealedSecrets,
        List<String> secretNames,
        RepositoryPolicy policy,
        RepositoryStatus status,
        Instant createdAt,
        long revision) {
    public Repository {
        secretNames = List.copyOf(secretNames);
        Objects.requireNonNull(policy);
        Objects.requireNonNull(status);
    }

    /** What its secrets are bound to, besides {@link #place}. */
    static final String SEALED_FOR = "repository";

    /** Names it: a path of two parts, both of which were checked. */
    public String place() {
        return machineId + "/" + installation;
    }

    Repository with(RepositoryPolicy changed, @Nullable String sealed, List<String> names) {
        return new Repository(
                machineId,
                project,
                machine,
                installation,
                sealedPassword,
                sealed,
                names,
                changed,
                status,
                createdAt,
                revision);
    }

    Repository with(RepositoryStatus news) {
        return new Repository(
                machineId,
                project,
                machine,
                installation,
                sealedPassword,
                sealedSecrets,
                secretNames,
                policy,
                news,
                createdAt,
                revision);
    }

    /** As a store gives it back. */
    public Repository stored(long newRevision) {
        return new Repository(
                machineId,
                project,
                machine,
                installation,
                sealedPassword,
                sealedSecrets,
                secretNames,
                policy,
                status,
                createdAt,
                newRevision);
    }

    RepositoryView view(boolean machineExists, boolean inUse) {
        return new RepositoryView(
                project,
                machine,
                machineId,
                machineExists,
                installation,
                inUse,
                createdAt,
                policy,
                secretNames,
                status,
                null);
    }

    @Override
    public String toString() {
        return "Repository[" + place() + "]";
    }
}
