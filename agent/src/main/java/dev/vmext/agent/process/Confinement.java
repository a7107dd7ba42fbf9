package dev.vmext.agent.process;

import java.util.Objects;
import java.util.OptionalInt;

/**
 * Where a command runs among the machine's control groups, and its limits there. Missing means no limit.
 *
 * @param slice the group of all commands of one installation: {@code vmext-web.slice}
 * @param scope the group of this command alone: {@code vmext-web-17-0.scope}
 * @param cpuPercent 100 is one core
 * @param tasks processes and threads at once
 */
public record Confinement(
        String slice, String scope, OptionalInt cpuPercent, OptionalInt memoryMiB, OptionalInt tasks) {
    private static final int MAX_NAME = 200;
    private static final String PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

    public Confinement {
        Objects.requireNonNull(slice);
        Objects.requireNonNull(scope);
    }

    /** The place of one run of one installation; a dash in a slice's name would mean a slice inside another. */
    public static Confinement of(
            String installation, String run, OptionalInt cpuPercent, OptionalInt memoryMiB, OptionalInt tasks) {
        return new Confinement(
                "vmext-" + escaped(installation) + ".slice",
                "vmext-" + escaped(run) + ".scope",
                cpuPercent,
                memoryMiB,
                tasks);
    }

    /** As {@code systemd-escape} does it. */
    private static String escaped(String name) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < name.length() && text.length() < MAX_NAME; i++) {
            char c = name.charAt(i);
            boolean plain = PLAIN.indexOf(c) >= 0 || (c == '.' && i > 0);
            if (plain) {
                text.append(c);
            } else {
                text.append(String.format("\\x%02x", c & 0xff));
            }
        }
        return text.toString();
    }
}
