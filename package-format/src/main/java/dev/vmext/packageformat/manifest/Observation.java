package dev.vmext.packageformat.manifest;

import java.util.List;

/** How one sees that the extension works and what it reports. */
public record Observation(List<Probe> probes, List<MetricEndpoint> metrics, List<FindingType> findings) {
    public Observation {
        probes = List.copyOf(probes);
        metrics = List.copyOf(metrics);
        findings = List.copyOf(findings);
    }

    public static Observation none() {
        return new Observation(List.of(), List.of(), List.of());
    }
}
