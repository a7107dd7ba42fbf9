package dev.vmext.agent.metrics;

import dev.vmext.agent.run.Monitoring;
import dev.vmext.protocol.metrics.MetricKind;
import dev.vmext.protocol.metrics.Sample;
import java.util.ArrayList;
import java.util.List;

/** What a probe found, as metrics. */
final class ProbeSamples {
    private static final String SUCCESS = "vmext_probe_success";
    private static final String DURATION = "vmext_probe_duration_seconds";
    private static final String HEALTHY = "vmext_probe_healthy";

    private ProbeSamples() {}

    static List<Sample> of(Monitoring.Probed probed) {
        SeriesLabels labels = SeriesLabels.ofProbe(
                probed.installation(), probed.probe().probe().name());
        long time = probed.at().toEpochMilli();
        List<Sample> samples = new ArrayList<>(3);
        samples.add(gauge(labels, SUCCESS, time, probed.failure().isEmpty() ? 1 : 0));
        samples.add(gauge(labels, DURATION, time, probed.took().toNanos() / 1e9));
        Boolean healthy = probed.healthy();
        if (healthy != null) {
            samples.add(gauge(labels, HEALTHY, time, healthy ? 1 : 0));
        }
        return samples;
    }

    /** The probe is asked no more. */
    static List<Sample> ends(String installation, String probe, long time) {
        SeriesLabels labels = SeriesLabels.ofProbe(installation, probe);
        return List.of(
                gauge(labels, SUCCESS, time, Double.NaN),
                gauge(labels, DURATION, time, Double.NaN),
                gauge(labels, HEALTHY, time, Double.NaN));
    }

    private static Sample gauge(SeriesLabels labels, String name, long time, double value) {
        return new Sample(labels.key(name), MetricKind.GAUGE, time, value);
    }
}
