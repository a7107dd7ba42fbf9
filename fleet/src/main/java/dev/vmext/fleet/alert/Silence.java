package dev.vmext.fleet.alert;

import dev.vmext.protocol.metrics.LabelMatcher;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Nobody is told of alerts that fit, for a time; they stay in sight.
 *
 * @param matchers on {@code rule}, {@code machine}, {@code severity}, labels of the machine as {@code machine_label_<name>}, and labels of the
 *     series; all must fit
 * @param comment why; shown
 */
public record Silence(
        String id,
        String project,
        List<LabelMatcher> matchers,
        Instant from,
        Instant until,
        String comment,
        String createdBy,
        Instant createdAt) {
    public Silence {
        matchers = List.copyOf(matchers);
    }

    /** Whether it is in force. */
    public boolean active(Instant now) {
        return !now.isBefore(from) && now.isBefore(until);
    }

    /** Whether it covers an alert with these labels. */
    public boolean covers(Map<String, String> labels) {
        return matchers.stream().allMatch(matcher -> matcher.fits(labels));
    }
}
