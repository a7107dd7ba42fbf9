package dev.vmext.protocol;

/** Names of the custom capabilities of vmext's OpAMP profile (docs/reference/agent-protocol.md) and of their message types. */
public final class CustomCapability {
    /** Full status documents; the payload is {@code status.StatusReportCodec}'s. */
    public static final String STATUS = "vmext.status/v1";

    /** Agent to server: the status of one installation. */
    public static final String STATUS_REPORT = "report";

    /** Server to agent: send the status of all installations again. */
    public static final String STATUS_REQUEST = "request";

    /** The machine's key for protected settings. */
    public static final String KEYS = "vmext.keys/v1";

    /** Agent to server: the settings certificate. */
    public static final String KEYS_PUBLISH = "publish";

    /** Server to agent: make a new settings key. */
    public static final String KEYS_ROTATE = "rotate";

    private CustomCapability() {}
}
