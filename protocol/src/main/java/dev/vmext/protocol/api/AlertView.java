package dev.vmext.protocol.api;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a rule says of one series of one machine.
 *
 * @param state pending (true, but not for long enough), firing, or resolved (over, and not yet told)
 * @param since when it came into that state
 * @param firedAt when it became an alert; missing before
 * @param silenced whether nobody is told of it because of a silence
 */
public record AlertView(
        String rule,
        String machine,
        Map<String, String> labels,
        String state,
        String severity,
        double value,
        String summary,
        String hint,
        Instant since,
        @Nullable Instant firedAt,
        boolean silenced) {
    public AlertView {
        labels = Map.copyOf(labels);
    }
}
