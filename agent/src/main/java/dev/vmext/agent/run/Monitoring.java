package dev.vmext.agent.run;

import dev.vmext.packageformat.manifest.FindingType;
import dev.vmext.packageformat.manifest.MetricEndpoint;
import dev.vmext.packageformat.manifest.MonitoringProbe;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What takes metrics from installations that run, and what their probes find. Any thread; answers at once. */
public interface Monitoring {
    /** Nobody takes anything: for agents without a control plane. */
    Monitoring NONE = new Monitoring() {
        @Override
        public void only(Set<String> installations) {}

        @Override
        public void declared(Declared declared) {}

        @Override
        public void probed(Probed probed) {}
    };

    /** These installations are enabled, and no others: what is asked for others ends before this returns. */
    void only(Set<String> installations);

    /** What an enabled installation declares from now on; counts only for those that {@link #only} named. */
    void declared(Declared declared);

    /** A probe that counts for the health of an installation was asked. */
    void probed(Probed probed);

    /**
     * Everything that one installation declares.
     *
     * @param base the folder of its package: programs of probes lie there
     * @param probes all of them; those that say nothing about its health are asked by the one who gets this
     * @param findings sorts of findings that its package declares
     */
    record Declared(
            String installation,
            String extension,
            Path base,
            List<MetricEndpoint> endpoints,
            List<MonitoringProbe> probes,
            List<FindingType> findings) {
        public Declared {
            endpoints = List.copyOf(endpoints);
            probes = List.copyOf(probes);
            findings = List.copyOf(findings);
        }
    }

    /**
     * What one question to one probe showed.
     *
     * @param failure why it failed, empty when it passed
     * @param healthy after thresholds and grace; null while that is not decided
     */
    record Probed(
            String installation,
            String extension,
            MonitoringProbe probe,
            Instant at,
            Duration took,
            String failure,
            @Nullable Boolean healthy) {}
}
