package dev.vmext.protocol.opamp;

/** Bits of the mask that a server sends at least in its first reply; 0 later means unchanged. */
public final class ServerCapabilities {
    public static final long ACCEPTS_STATUS = 0x01;
    public static final long OFFERS_REMOTE_CONFIG = 0x02;
    public static final long ACCEPTS_EFFECTIVE_CONFIG = 0x04;
    public static final long OFFERS_PACKAGES = 0x08;
    public static final long ACCEPTS_PACKAGES_STATUS = 0x10;
    public static final long OFFERS_CONNECTION_SETTINGS = 0x20;
    public static final long ACCEPTS_CONNECTION_SETTINGS_REQUEST = 0x40;

    /** What the vmext server declares: everything. */
    public static final long OURS = 0x7F;

    private ServerCapabilities() {}
}
