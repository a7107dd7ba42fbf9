package dev.vmext.protocol.status;

/**
 * What the commands and services of one installation used of the machine since it was installed, as far as it could be measured.
 *
 * @param budgeted whether limits are enforced (cgroup v2 through systemd); false means measured at best, limited by nothing
 * @param cpuMillis processor time of its commands
 * @param memoryPeakKiB the most memory that one command held, 0 when unknown
 * @param tasksPeak the most processes and threads that one command had, 0 when unknown
 * @param diskKiB of its folders (package, settings, state, logs)
 */
public record Usage(boolean budgeted, long cpuMillis, long memoryPeakKiB, int tasksPeak, long diskKiB) {}
