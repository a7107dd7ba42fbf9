package dev.vmext.fleet;

import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sees that nothing an agent has acknowledged goes on for ever unnoticed. Agents end every state by themselves at its deadline; when one
 * has not, its machine or the agent is in trouble, and this says so by the control plane's own clock. Nothing is changed. Pure.
 */
final class Watchdog {
    /** What an agent may be late with its report. */
    private static final Duration GRACE = Duration.ofSeconds(60);
    /** The agent's own limits for what no package says anything about. */
    private static final Duration PACKAGE = Duration.ofMinutes(15);

    private static final Duration FILES = Duration.ofMinutes(10);
    private static final Duration OTHERS = Duration.ofMinutes(90);
    /** From a successful enable to the handler's word that it succeeded (azure-contract 1.15). */
    private static final Duration SETTLE = Duration.ofMinutes(90);

    private Watchdog() {}

    /** When it should have ended at the latest, and why it has not. */
    record Overdue(Instant since, Cause cause) {}

    /**
     * @param state as people see it
     * @param reported whether the state was reported for what is wanted now; else the agent has only acknowledged the goal
     * @param lastSeen of the machine, null for never
     */
    static Optional<Overdue> look(
            Machine machine,
            Installation installation,
            InstallationState state,
            boolean reported,
            PackageDescription description,
            boolean online,
            @Nullable Instant lastSeen,
            Instant now) {
        Instant start = reported ? installation.observedSince() : machine.goal().appliedAt();
        if (start == null || state.terminal() || state == InstallationState.WAITING_MACHINE) {
            return Optional.empty();
        }
        Duration limit = reported ? limit(state, installation, description) : Duration.ZERO;
        Instant latest = start.plus(stretched(machine, limit)).plus(GRACE);
        if (now.isBefore(latest)) {
            return Optional.empty();
        }
        String what = installation.name() + " is " + state.wire() + " since " + start.truncatedTo(ChronoUnit.SECONDS)
                + " and should have ended by " + latest.truncatedTo(ChronoUnit.SECONDS);
        Cause cause = online
                ? new Cause(
                        CauseClass.AGENT,
                        "watch",
                        what + ", but the agent of machine " + machine.name() + " has reported nothing new about it",
                        "look at the agent: vmext machine logs " + machine.name()
                                + "; restarting it is safe: systemctl restart vmext-agent",
                        Map.of("deadline", latest.toString()))
                : new Cause(
                        CauseClass.MACHINE_OFFLINE,
                        "watch",
                        what + ", but machine " + machine.name() + " is not connected"
                                + (lastSeen == null ? "" : " since " + lastSeen.truncatedTo(ChronoUnit.SECONDS)),
                        "it goes on when the machine is back; if it never comes: vmext installation forget "
                                + machine.name() + " " + installation.name(),
                        lastSeen == null
                                ? Map.of("deadline", latest.toString())
                                : Map.of("deadline", latest.toString(), "lastSeen", lastSeen.toString()));
        return Optional.of(new Overdue(latest, cause));
    }

    private static Duration limit(InstallationState state, Installation installation, PackageDescription description) {
        return switch (state) {
            case WAITING_PACKAGE -> PACKAGE;
            case PENDING, BLOCKED, WAITING_LEASE -> OTHERS;
            case INSTALLING -> FILES.plus(of(HandlerCommand.INSTALL, installation, description));
            case ENABLING -> SETTLE.plus(of(HandlerCommand.ENABLE, installation, description));
            case UPDATING -> {
                Duration all = FILES.plus(SETTLE);
                for (HandlerCommand command : HandlerCommand.values()) {
                    all = all.plus(of(command, installation, description));
                }
                yield all;
            }
            case DISABLING -> of(HandlerCommand.DISABLE, installation, description);
            case REMOVING -> FILES.plus(of(HandlerCommand.UNINSTALL, installation, description));
            case WAITING_MACHINE, READY, RETURNED, REMOVED, FAILED, TIMED_OUT -> Duration.ZERO;
        };
    }

    private static Duration of(HandlerCommand command, Installation installation, PackageDescription description) {
        Duration asked = installation.want().conditions().deadlines().get(command.text());
        return asked == null ? description.deadline(command) : asked;
    }

    /** A slow machine's agent stretches its deadlines, and tells by how much. */
    private static Duration stretched(Machine machine, Duration limit) {
        String told = machine.facts().get(FactKeys.DEADLINE_STRETCH);
        if (told == null) {
            return limit;
        }
        try {
            double stretch = Double.parseDouble(told);
            boolean sane = stretch >= 1 && stretch <= 100;
            return sane ? Duration.ofMillis(Math.round(limit.toMillis() * stretch)) : limit;
        } catch (NumberFormatException e) {
            // An agent can tell anything; what is no number stretches nothing.
            return limit;
        }
    }
}
