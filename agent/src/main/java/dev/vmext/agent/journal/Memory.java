package dev.vmext.agent.journal;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of an installation beyond the versions that lie on the machine: it outlives steps, targets, updates and returns.
 *
 * @param version the version that the target names, empty when an older agent wrote this
 * @param begun when the operation under way began, null when none is; all its waiting counts from here
 * @param order number of the newest operator's order that was carried out
 * @param ran one-shots: the settings whose work a command began last, -1 for none
 * @param done one-shots: the settings whose work succeeded last, -1 for none. Whatever version comes next does not do it again
 * @param hold a version that failed, null for none
 * @param purge everything is being taken away, null when not
 * @param evicted the machine's owner took it away: only a new target or an operator's order brings it back
 * @param trial the new version of an update proves itself, null when none does
 * @param reboot a restart of the machine that was asked for and did not happen yet
 * @param rebooted what the last restart was for ({@link RebootRequest#work})
 */
public record Memory(
        String version,
        @Nullable Instant begun,
        long order,
        long ran,
        long done,
        @Nullable Hold hold,
        @Nullable Purge purge,
        boolean evicted,
        @Nullable Trial trial,
        @Nullable RebootRequest reboot,
        String rebooted) {
    /** Of an installation of which nothing is remembered, and of entries in the first format of the journal. */
    public static final Memory NONE = new Memory("", null, 0, -1, -1, null, null, false, null, null, "");

    public Memory {
        Objects.requireNonNull(version);
        Objects.requireNonNull(rebooted);
    }

    public Memory withVersion(String value) {
        return new Memory(value, begun, order, ran, done, hold, purge, evicted, trial, reboot, rebooted);
    }

    public Memory withBegun(@Nullable Instant value) {
        return new Memory(version, value, order, ran, done, hold, purge, evicted, trial, reboot, rebooted);
    }

    public Memory withOrder(long value) {
        return new Memory(version, begun, value, ran, done, hold, purge, evicted, trial, reboot, rebooted);
    }

    public Memory withRan(long value) {
        return new Memory(version, begun, order, value, done, hold, purge, evicted, trial, reboot, rebooted);
    }

    public Memory withDone(long value) {
        return new Memory(version, begun, order, ran, value, hold, purge, evicted, trial, reboot, rebooted);
    }

    public Memory withHold(@Nullable Hold value) {
        return new Memory(version, begun, order, ran, done, value, purge, evicted, trial, reboot, rebooted);
    }

    public Memory withPurge(@Nullable Purge value) {
        return new Memory(version, begun, order, ran, done, hold, value, evicted, trial, reboot, rebooted);
    }

    public Memory withEvicted(boolean value) {
        return new Memory(version, begun, order, ran, done, hold, purge, value, trial, reboot, rebooted);
    }

    public Memory withTrial(@Nullable Trial value) {
        return new Memory(version, begun, order, ran, done, hold, purge, evicted, value, reboot, rebooted);
    }

    public Memory withReboot(@Nullable RebootRequest value) {
        return new Memory(version, begun, order, ran, done, hold, purge, evicted, trial, value, rebooted);
    }

    public Memory withRebooted(String value) {
        return new Memory(version, begun, order, ran, done, hold, purge, evicted, trial, reboot, value);
    }

    /** Whether a one-shot's work for these settings is done or was begun, so that no version is to do it again. */
    public boolean worked(long sequence) {
        return sequence <= done || sequence == ran;
    }
}
