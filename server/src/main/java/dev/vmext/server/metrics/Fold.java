package dev.vmext.server.metrics;

import dev.vmext.protocol.metrics.MetricKind;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How the samples of one series within one step become one value. */
public enum Fold {
    AVG,
    MIN,
    MAX,
    SUM,
    LAST,
    COUNT,
    /**
     * How much a counter grew per second. A value below the one before it means that whoever counts has started again from zero. The
     * growth between two samples belongs to the step of the later one, and is divided by the time between them.
     */
    RATE,
    /** {@link #RATE} for a counter, {@link #AVG} for a gauge: what a chart shows. */
    AUTO;

    /** What it means for series of this kind; never {@link #AUTO}. */
    public Fold of(MetricKind kind) {
        if (this != AUTO) {
            return this;
        }
        return kind == MetricKind.COUNTER ? RATE : AVG;
    }

    /** As the API writes it. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Fold> find(String wire) {
        return Arrays.stream(values()).filter(fold -> fold.wire().equals(wire)).findFirst();
    }
}
