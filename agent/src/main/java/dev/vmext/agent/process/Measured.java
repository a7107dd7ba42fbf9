package dev.vmext.agent.process;

/**
 * What one command used, as far as it could be measured, and which of its limits it met.
 *
 * @param confined whether it ran in a control group with limits
 * @param cpuMillis processor time of the command and all that it waited for
 * @param memoryPeakKiB the most memory it held at once, 0 when unknown
 * @param tasksPeak the most processes and threads it had at once, 0 when unknown
 * @param memoryKills processes of it that the kernel killed because the group was at its memory limit
 * @param taskRefusals processes or threads it was refused because the group was at its limit of them
 */
public record Measured(
        boolean confined, long cpuMillis, long memoryPeakKiB, int tasksPeak, long memoryKills, long taskRefusals) {
    public static final Measured NOTHING = new Measured(false, 0, 0, 0, 0, 0);

    /** The larger of each: two looks at one command. */
    Measured or(Measured other) {
        return new Measured(
                confined || other.confined,
                Math.max(cpuMillis, other.cpuMillis),
                Math.max(memoryPeakKiB, other.memoryPeakKiB),
                Math.max(tasksPeak, other.tasksPeak),
                Math.max(memoryKills, other.memoryKills),
                Math.max(taskRefusals, other.taskRefusals));
    }
}
