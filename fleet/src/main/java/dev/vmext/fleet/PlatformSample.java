package dev.vmext.fleet;

import java.util.Map;

/** What the control plane knows of a machine by itself, as a number under the name of one of {@code PlatformSeries}. */
public record PlatformSample(String metric, Map<String, String> labels, double value) {
    public PlatformSample {
        labels = Map.copyOf(labels);
    }
}
