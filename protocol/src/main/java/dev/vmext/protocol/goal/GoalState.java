package dev.vmext.protocol.goal;

import java.util.List;
import java.util.Map;

/**
 * Everything one machine should have.
 *
 * @param generation only grows; an agent ignores a lower one
 * @param installations in the order in which they are to be run
 * @param packages by extension name: all installations of one extension run the same version
 */
public record GoalState(long generation, List<InstallationGoal> installations, Map<String, PackageOffer> packages) {
    /** What a machine has before its first goal. */
    public static final GoalState EMPTY = new GoalState(0, List.of(), Map.of());

    public GoalState {
        installations = List.copyOf(installations);
        packages = Map.copyOf(packages);
    }
}
