package dev.vmext.fleet;

/** The names of machine facts that decisions look at. Agents may tell more; those are only shown. */
public final class FactKeys {
    /** {@code linux}. */
    public static final String OS = "os";
    /** As in os-release: {@code debian}. */
    public static final String DISTRO = "distro";
    /** As in os-release: {@code 12}. */
    public static final String OS_VERSION = "osVersion";
    /** As Debian calls it: {@code amd64}, {@code arm64}. */
    public static final String ARCH = "arch";

    /** Which agent tells: {@code vmext-agent}, or the name of somebody else's. */
    public static final String SERVICE_NAME = "service.name";

    /** By how much the agent multiplies all deadlines; not told for 1. */
    public static final String DEADLINE_STRETCH = "deadlineStretch";

    /** By how many seconds the machine's clock is ahead (or, negative, behind); told from a minute on. */
    public static final String CLOCK_SKEW = "clockSkewSeconds";

    private FactKeys() {}
}
