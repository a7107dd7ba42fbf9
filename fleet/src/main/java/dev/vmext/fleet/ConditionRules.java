package dev.vmext.fleet;

import dev.vmext.fleet.Installation.Conditions;
import dev.vmext.fleet.Installation.Want;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.protocol.api.InstallationWrite;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a written installation says about the conditions it is carried out under. Pure. */
final class ConditionRules {
    private static final List<String> COMMANDS = Arrays.stream(HandlerCommand.values())
            .map(command -> command.name().toLowerCase(Locale.ROOT))
            .toList();
    /** A day: whatever takes longer does not belong into a handler's command. */
    private static final long MAX_DEADLINE = 86_400;
    /** A year. */
    private static final long MAX_EXPIRE = 365L * 86_400;

    private ConditionRules() {}

    /**
     * An order is about the target it was given for: it stands while that is the same.
     *
     * @param want as written, its conditions still to come
     * @param old what was wanted before, null for nothing
     */
    static Conditions conditions(InstallationWrite write, Want want, @Nullable Want old, Instant now) {
        Map<String, Duration> deadlines = deadlines(write.deadlines());
        Instant expiresAt = expiry(write, now);
        Conditions before = old == null ? Conditions.NONE : old.conditions();
        return old != null && old.sameTarget(want)
                ? new Conditions(before.orders(), before.order(), before.orderedAt(), deadlines, expiresAt)
                : before.anew(expiresAt).with(deadlines);
    }

    private static Map<String, Duration> deadlines(@Nullable Map<String, Long> written) {
        Map<String, Duration> deadlines = new HashMap<>();
        if (written != null) {
            written.forEach((command, seconds) -> {
                if (!COMMANDS.contains(command)) {
                    throw Problems.invalidValue(
                            "cannot set a deadline for " + Problems.shown(command) + ": handlers have no such command",
                            "commands are " + String.join(", ", COMMANDS));
                }
                if (seconds < 1 || seconds > MAX_DEADLINE) {
                    throw Problems.invalidValue(
                            "cannot give " + command + " a deadline of " + seconds + " seconds: it must be from 1 to "
                                    + MAX_DEADLINE,
                            "leave it out for the package's own");
                }
                deadlines.put(command, Duration.ofSeconds(seconds));
            });
        }
        return deadlines;
    }

    private static @Nullable Instant expiry(InstallationWrite write, Instant now) {
        Long seconds = write.expireSeconds();
        if (seconds == null) {
            return null;
        }
        if (seconds < 1 || seconds > MAX_EXPIRE) {
            throw Problems.invalidValue(
                    "cannot let it expire in " + seconds + " seconds: it must be from 1 to " + MAX_EXPIRE,
                    "leave it out to wait for ever");
        }
        return now.plusSeconds(seconds);
    }
}
