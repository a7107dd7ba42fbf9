package dev.vmext.extensionkit;

/** Exit codes that handlers share by convention; an agent quotes them, people search for them. */
public final class ExitCode {
    public static final int OK = 0;
    /** A fault of the handler itself. */
    public static final int FAULT = 1;
    /** The command line is not one of install, enable, update, disable, uninstall. */
    public static final int USAGE = 2;
    /** The handler's surroundings (HandlerEnvironment.json, folders) are not as the contract says. */
    public static final int ENVIRONMENT = 3;
    /** A file could not be read or written. */
    public static final int FILES = 5;
    /** Something the handler ran failed. */
    public static final int EXECUTION = 6;

    public static final int UNSUPPORTED_SYSTEM = 51;
    public static final int MISSING_DEPENDENCY = 52;
    public static final int CONFIGURATION = 53;

    private ExitCode() {}
}
