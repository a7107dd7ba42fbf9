package dev.vmext.protocol.opamp;

/** Bits of the mask that an agent sends in every message. Bits that nobody has defined are sent as 0. */
public final class AgentCapabilities {
    public static final long REPORTS_STATUS = 0x0001;
    public static final long ACCEPTS_REMOTE_CONFIG = 0x0002;
    public static final long REPORTS_EFFECTIVE_CONFIG = 0x0004;
    public static final long ACCEPTS_PACKAGES = 0x0008;
    public static final long REPORTS_PACKAGE_STATUSES = 0x0010;
    public static final long REPORTS_OWN_TRACES = 0x0020;
    public static final long REPORTS_OWN_METRICS = 0x0040;
    public static final long REPORTS_OWN_LOGS = 0x0080;
    public static final long ACCEPTS_OPAMP_CONNECTION_SETTINGS = 0x0100;
    public static final long ACCEPTS_OTHER_CONNECTION_SETTINGS = 0x0200;
    public static final long ACCEPTS_RESTART_COMMAND = 0x0400;
    public static final long REPORTS_HEALTH = 0x0800;
    public static final long REPORTS_REMOTE_CONFIG = 0x1000;
    public static final long REPORTS_HEARTBEAT = 0x2000;
    public static final long REPORTS_AVAILABLE_COMPONENTS = 0x4000;
    public static final long REPORTS_CONNECTION_SETTINGS_STATUS = 0x8000;

    /**
     * What the vmext agent declares, which is what it does: not traces and logs over OTLP, other connections, restarts on command and available
     * components. Its metrics are those of the extensions.
     */
    public static final long OURS = REPORTS_STATUS
            | ACCEPTS_REMOTE_CONFIG
            | REPORTS_EFFECTIVE_CONFIG
            | ACCEPTS_PACKAGES
            | REPORTS_PACKAGE_STATUSES
            | REPORTS_OWN_METRICS
            | ACCEPTS_OPAMP_CONNECTION_SETTINGS
            | REPORTS_HEALTH
            | REPORTS_REMOTE_CONFIG
            | REPORTS_HEARTBEAT
            | REPORTS_CONNECTION_SETTINGS_STATUS;

    private AgentCapabilities() {}
}
