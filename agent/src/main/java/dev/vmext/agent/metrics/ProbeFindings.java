package dev.vmext.agent.metrics;

import dev.vmext.agent.finding.FindingSink;
import dev.vmext.agent.run.Monitoring;
import dev.vmext.packageformat.manifest.FindingType;
import dev.vmext.protocol.finding.FindingReport;
import dev.vmext.protocol.finding.FindingSeverity;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Opens a finding when a probe that asks for one turns unhealthy, and resolves it when the probe is healthy again or is asked no more. The
 * first word after a start of the agent is told in any case: what was open before may have passed meanwhile. Not for several threads.
 */
final class ProbeFindings {
    private final FindingSink sink;
    private final Map<Key, Told> told = new HashMap<>();

    private record Key(String installation, String probe) {}

    private record Told(String extension, String finding, FindingSeverity severity, boolean healthy) {}

    ProbeFindings(FindingSink sink) {
        this.sink = sink;
    }

    /** @param declared by the package of the installation: they say how severe a finding is */
    void probed(Monitoring.Probed probed, List<FindingType> declared) {
        Boolean healthy = probed.healthy();
        String finding = probed.probe().finding();
        if (healthy == null || finding.isEmpty()) {
            return;
        }
        Key key = new Key(probed.installation(), probed.probe().probe().name());
        Told now = new Told(probed.extension(), finding, severity(finding, declared), healthy);
        Told before = told.put(key, now);
        if (before != null && !before.finding().equals(finding)) {
            resolve(key, before, probed.at());
        } else if (before != null && before.healthy() == healthy) {
            return;
        }
        if (healthy) {
            report(key, now, true, "the probe passes", Map.of(), probed.at());
        } else {
            report(
                    key,
                    now,
                    false,
                    "the probe " + key.probe() + " fails: " + probed.failure(),
                    Map.of("error", probed.failure(), "probe", key.probe()),
                    probed.at());
        }
    }

    private static FindingSeverity severity(String finding, List<FindingType> declared) {
        return declared.stream()
                .filter(type -> type.type().equals(finding))
                .findFirst()
                .flatMap(type -> FindingSeverity.find(type.severity().text()))
                .orElse(FindingSeverity.MEDIUM);
    }

    /** These probes are asked no more. */
    void ended(String installation, Predicate<String> probes, Instant at) {
        told.entrySet().removeIf(one -> {
            boolean ends = one.getKey().installation().equals(installation)
                    && probes.test(one.getKey().probe());
            if (ends) {
                resolve(one.getKey(), one.getValue(), at);
            }
            return ends;
        });
    }

    private void resolve(Key key, Told was, Instant at) {
        if (!was.healthy()) {
            report(key, was, true, "the probe is asked no more", Map.of(), at);
        }
    }

    private void report(Key key, Told what, boolean resolved, String title, Map<String, String> evidence, Instant at) {
        sink.accept(FindingReport.fitting(
                key.installation(),
                what.extension(),
                what.finding(),
                key.probe(),
                what.severity(),
                resolved,
                title,
                evidence,
                at,
                null));
    }
}
