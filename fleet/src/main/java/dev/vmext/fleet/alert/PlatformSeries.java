package dev.vmext.fleet.alert;

import java.util.List;

/** Names of the series that the control plane makes of what it knows by itself. They are always there, and only for the present moment. */
public final class PlatformSeries {
    /** 1 for a machine that is connected, else 0; not there for one that never was, that is switched off on purpose or being deleted. */
    public static final String MACHINE_ONLINE = "vmext_machine_online";
    /**
     * 1 for an installation that is healthy, else 0; labels {@code installation}, {@code extension}. Only of connected machines, and
     * not before an installation was ready or failed for the first time.
     */
    public static final String INSTALLATION_HEALTHY = "vmext_installation_healthy";
    /** How far a connected machine's clock is off, in seconds, never negative. */
    public static final String CLOCK_SKEW = "vmext_machine_clock_skew_seconds";

    /** Those that are kept over time, so that availability can be worked out. */
    public static final List<String> KEPT = List.of(MACHINE_ONLINE, INSTALLATION_HEALTHY);

    private PlatformSeries() {}

    /** Whether a metric is one of these. */
    public static boolean names(String metric) {
        return metric.equals(MACHINE_ONLINE) || metric.equals(INSTALLATION_HEALTHY) || metric.equals(CLOCK_SKEW);
    }
}
