package dev.vmext.packageformat.manifest;

/**
 * A probe of {@code monitoring.json}.
 *
 * @param health whether the installation itself is healthy only while this probe passes
 * @param finding the type of finding that is open while the probe is unhealthy; empty for none
 */
public record MonitoringProbe(Probe probe, boolean health, String finding) {}
