package dev.vmext.fleet;

import dev.vmext.protocol.finding.FindingSeverity;
import dev.vmext.protocol.finding.FindingState;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which findings of a project; null is any.
 *
 * @param severity this one or a worse one
 * @param states one of these
 * @param after those that come after this place, seen last first
 */
public record FindingFilter(
        @Nullable String machine,
        @Nullable String extension,
        @Nullable String installation,
        @Nullable String type,
        @Nullable FindingSeverity severity,
        Set<FindingState> states,
        @Nullable Place after) {
    public static final FindingFilter ALL =
            new FindingFilter(null, null, null, null, null, Set.of(FindingState.values()), null);

    public FindingFilter {
        states = Set.copyOf(states);
    }

    /** One finding's place in the list. */
    public record Place(Instant lastSeen, String id) {
        static Place of(Finding finding) {
            return new Place(finding.sights().last(), finding.id());
        }
    }

    /** Whether it is one of these, wherever it stands in the list. */
    public boolean matches(Finding finding) {
        return (machine == null || machine.equals(finding.machine()))
                && (extension == null || extension.equals(finding.extension()))
                && (installation == null || installation.equals(finding.key().installation()))
                && (type == null || type.equals(finding.key().type()))
                && (severity == null || finding.content().severity().compareTo(severity) >= 0)
                && states.contains(finding.standing().state());
    }
}
