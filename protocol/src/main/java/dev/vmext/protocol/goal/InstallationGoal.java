package dev.vmext.protocol.goal;

import dev.vmext.protocol.Digest;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One installation in a goal state.
 *
 * @param name unique on the machine, {@code [A-Za-z0-9_-]{1,64}}
 * @param extension {@code publisher.type}
 * @param version the exact version, resolved by the control plane
 * @param packageDigest of the package to run; its offer is in {@link GoalState#packages} while present
 * @param sequence rises by one when settings change or a rerun is asked for
 * @param after names of installations that must be healthy first
 * @param publicSettings JSON object text; {@code null} when there are none at all
 * @param protectedSettings null when there are none
 * @param terms under which it is carried out
 */
public record InstallationGoal(
        String name,
        String extension,
        String version,
        Digest packageDigest,
        Presence presence,
        long sequence,
        List<String> after,
        String publicSettings,
        @Nullable ProtectedSettings protectedSettings,
        Terms terms) {
    public InstallationGoal {
        Objects.requireNonNull(name);
        Objects.requireNonNull(extension);
        Objects.requireNonNull(version);
        Objects.requireNonNull(packageDigest);
        Objects.requireNonNull(presence);
        Objects.requireNonNull(publicSettings);
        Objects.requireNonNull(terms);
        after = List.copyOf(after);
    }

    /** An installation under no special terms. */
    public InstallationGoal(
            String name,
            String extension,
            String version,
            Digest packageDigest,
            Presence presence,
            long sequence,
            List<String> after,
            String publicSettings,
            @Nullable ProtectedSettings protectedSettings) {
        this(
                name,
                extension,
                version,
                packageDigest,
                presence,
                sequence,
                after,
                publicSettings,
                protectedSettings,
                Terms.NONE);
    }
}
