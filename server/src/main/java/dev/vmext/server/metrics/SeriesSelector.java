package dev.vmext.server.metrics;

import dev.vmext.protocol.metrics.LabelMatcher;
import dev.vmext.protocol.metrics.SeriesKey;
import java.util.List;
import java.util.Optional;

/**
 * Picks series by name and labels. Immutable.
 *
 * @param name empty for every name
 */
public record SeriesSelector(Optional<String> name, List<LabelMatcher> matchers) {
    /** Every series. */
    public static final SeriesSelector ALL = new SeriesSelector(Optional.empty(), List.of());

    private static final String NAME = "__name__";

    public SeriesSelector {
        matchers = List.copyOf(matchers);
    }

    public static SeriesSelector named(String name, LabelMatcher... matchers) {
        return new SeriesSelector(Optional.of(name), List.of(matchers));
    }

    public boolean fits(SeriesKey series) {
        if (name.isPresent() && !name.get().equals(series.name())) {
            return false;
        }
        for (LabelMatcher matcher : matchers) {
            String value = matcher.label().equals(NAME)
                    ? series.name()
                    : series.labels().getOrDefault(matcher.label(), "");
            if (!matcher.fits(value)) {
                return false;
            }
        }
        return true;
    }
}
