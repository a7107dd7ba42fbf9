package dev.vmext.fleet;

import dev.vmext.fleet.Installation.Hold;
import dev.vmext.packageformat.manifest.ExtensionManifest;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.packageformat.manifest.Platform;
import dev.vmext.packageformat.manifest.SettingsSchemas;
import dev.vmext.protocol.JsonText;
import dev.vmext.protocol.api.ExtensionView;
import dev.vmext.protocol.api.ExtensionView.VersionView;
import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.InstallationView.CauseView;
import dev.vmext.protocol.api.InstallationView.OverdueView;
import dev.vmext.protocol.api.InstallationView.StatusView;
import dev.vmext.protocol.api.InstallationView.SubstatusView;
import dev.vmext.protocol.api.MachineState;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.HandlerStatus;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is remembered, as the API shows it: the state people see is worked out here and stored nowhere. */
final class Views {
    private final Liveness liveness;
    private final InstantSource clock;

    Views(Liveness liveness, InstantSource clock) {
        this.liveness = liveness;
        this.clock = clock;
    }

    MachineView machine(Machine machine, Collection<Installation> installations, Collection<Unmanaged> unmanaged) {
        Machine.Condition condition = machine.condition();
        int healthy = 0;
        int wanted = 0;
        for (Installation installation : installations) {
            if (installation.present()) {
                wanted++;
                healthy += healthy(installation) ? 1 : 0;
            }
        }
        return new MachineView(
                machine.id(),
                machine.name(),
                machine.project(),
                machine.provider(),
                state(machine).wire(),
                condition.power(),
                condition.message(),
                condition.percent(),
                condition.problem(),
                machine.labels(),
                machine.facts(),
                machine.hardware().cpus(),
                machine.hardware().memoryMiB(),
                machine.hardware().diskGiB(),
                machine.goal().generation(),
                machine.goal().applied(),
                wanted,
                healthy,
                machine.createdAt(),
                machine.enrolledAt(),
                lastSeen(machine),
                unmanaged.stream().map(Details::unmanaged).toList());
    }

    private @Nullable Instant lastSeen(Machine machine) {
        return liveness.findLastSeen(machine.id()).orElse(machine.lastSeen());
    }

    private MachineState state(Machine machine) {
        return switch (machine.condition().phase()) {
            case DELETING -> MachineState.DELETING;
            // A machine can be online before its provider has said that it is done.
            case PROVISIONING -> liveness.online(machine.id()) ? MachineState.ONLINE : MachineState.PROVISIONING;
            case SETTLED -> {
                if (liveness.online(machine.id())) {
                    yield MachineState.ONLINE;
                }
                yield machine.enrolledAt() == null ? MachineState.EXPECTED : MachineState.OFFLINE;
            }
        };
    }

    /** The state, since when, and why; and the status if it belongs to what is wanted now. */
    private record Seen(
            InstallationState state,
            Instant since,
            @Nullable Cause cause,
            @Nullable InstallationStatus current) {}

    private Seen seen(Machine machine, Installation installation) {
        Instant expiresAt = installation.want().conditions().expiresAt();
        if (expiresAt != null && Expiry.expired(machine, installation, clock.instant())) {
            Hold given = Expiry.hold(machine, installation);
            return new Seen(given.state(), expiresAt, given.cause(), null);
        }
        Hold hold = installation.placement().hold();
        InstallationStatus current = current(installation);
        if (hold != null && current == null) {
            boolean waitsForMachine = machine.enrolledAt() == null && hold.state() == InstallationState.PENDING;
            return waitsForMachine
                    ? waiting(machine, installation)
                    : new Seen(hold.state(), installation.changedAt(), hold.cause(), null);
        }
        if (current != null) {
            return new Seen(current.state(), current.since(), current.cause(), current);
        }
        boolean acknowledged =
                installation.placement().changed() <= machine.goal().applied();
        return acknowledged
                ? new Seen(InstallationState.PENDING, installation.placement().changedAt(), null, null)
                : waiting(machine, installation);
    }

    private Seen waiting(Machine machine, Installation installation) {
        Cause cause =
                machine.foreignAgent().map(agent -> foreign(machine, agent)).orElse(null);
        if (cause == null && !liveness.online(machine.id())) {
            String why = machine.enrolledAt() == null ? "has not connected yet" : "is not connected";
            cause = new Cause(
                    CauseClass.MACHINE_OFFLINE,
                    "plan",
                    "machine " + machine.name() + " " + why,
                    "nothing is lost: it goes on when the machine connects",
                    Map.of());
        }
        return new Seen(
                InstallationState.WAITING_MACHINE, installation.placement().changedAt(), cause, null);
    }

    /** It was asked for before anybody knew which agent would come. */
    private static Cause foreign(Machine machine, String agent) {
        return new Cause(
                CauseClass.PLATFORM,
                "plan",
                "machine " + machine.name() + " is run by " + Problems.shown(agent)
                        + ", which vmext shows and does not manage",
                "enrol the machine with the vmext agent, or remove the installation",
                Map.of("agent", agent));
    }

    /**
     * The observed status if it is about the newest task, else null. An agent that reports about a goal has it, even when its
     * acknowledgement was lost.
     */
    private static @Nullable InstallationStatus current(Installation installation) {
        InstallationStatus status = installation.observed();
        long changed = installation.placement().changed();
        if (status == null || changed == 0 || status.generation() < changed) {
            return null;
        }
        return status;
    }

    /** Whether something is being done for it, or waited for; one that failed or is ready is at rest. */
    static boolean underWay(Installation installation) {
        InstallationStatus status = current(installation);
        Hold hold = installation.placement().hold();
        return status != null
                ? !status.state().terminal()
                : hold == null || !hold.state().terminal();
    }

    static boolean healthy(Installation installation) {
        InstallationStatus status = current(installation);
        return status != null && installation.present() && status.healthy();
    }

    InstallationView installation(Machine machine, Installation installation, Releases releases) {
        Seen seen = seen(machine, installation);
        InstallationStatus observed = installation.observed();
        InstallationStatus current = seen.current();
        PackageDescription description = releases.get(installation).description();
        HandlerStatus said = current == null ? null : current.status();
        return new InstallationView(
                installation.machine(),
                installation.name(),
                installation.want().extension(),
                installation.want().constraint(),
                installation.want().version(),
                observed == null ? null : observed.version(),
                category(description),
                description.kind().text(),
                seen.state().wire(),
                healthy(installation),
                seen.cause() == null ? null : cause(seen.cause()),
                said == null ? null : status(said),
                current == null ? "" : current.output(),
                current == null ? null : current.exitCode(),
                current == null ? 0 : current.attempt(),
                JsonText.readObject(installation.settings().publicText()),
                installation.settings().protectedKeys(),
                installation.want().after(),
                installation.want().sequence(),
                observed == null ? -1 : observed.sequence(),
                !installation.present(),
                installation.createdAt(),
                installation.changedAt(),
                seen.since(),
                Details.deadlines(installation.want().conditions()),
                Details.order(machine, installation),
                Details.offered(seen.state(), observed),
                observed == null ? null : Details.attempted(observed.detail().attempted()),
                observed == null ? null : Details.usage(observed.detail().usage()),
                observed == null ? null : Details.removal(observed.detail().removal()),
                releases.get(installation).state().wire(),
                installation.want().conditions().expiresAt(),
                overdue(machine, installation, seen, description));
    }

    private @Nullable OverdueView overdue(
            Machine machine, Installation installation, Seen seen, PackageDescription description) {
        boolean held = installation.placement().line() == null;
        return held
                ? null
                : Watchdog.look(
                                machine,
                                installation,
                                seen.state(),
                                seen.current() != null,
                                description,
                                liveness.online(machine.id()),
                                lastSeen(machine),
                                clock.instant())
                        .map(overdue -> new OverdueView(overdue.since(), cause(overdue.cause())))
                        .orElse(null);
    }

    static CauseView cause(Cause cause) {
        return new CauseView(cause.kind().wire(), cause.step(), cause.message(), cause.hint(), cause.evidence());
    }

    private static StatusView status(HandlerStatus status) {
        return new StatusView(
                status.operation(),
                status.status().wire(),
                status.code(),
                status.message(),
                status.substatus().stream()
                        .map(part ->
                                new SubstatusView(part.name(), part.status().wire(), part.code(), part.message()))
                        .toList());
    }

    /** One without {@code extension.json} has no category; those are mostly scripts and tools. */
    static String category(PackageDescription description) {
        return description
                .extension()
                .map(manifest -> manifest.category().text())
                .orElse("management");
    }

    /**
     * An extension as its newest active version describes it, or its newest if none is active.
     *
     * @param releases all of one extension, newest first
     */
    static ExtensionView extension(List<Release> releases) {
        Release speaker = speaker(releases);
        PackageDescription description = speaker.description();
        SettingsSchemas schemas = description.schemas();
        Optional<ExtensionManifest> manifest = description.extension();
        return new ExtensionView(
                speaker.extension(),
                description.displayName(),
                manifest.map(m -> m.presentation().description()).orElse(""),
                category(description),
                description.kind().text(),
                description.instances().text(),
                description.scripts(),
                description.applicability().platforms().stream()
                        .map(Platform::toString)
                        .toList(),
                description.applicability().providers(),
                speaker.version().text(),
                schemas.settings().map(JsonText::readObject).orElse(null),
                schemas.protectedSettings().map(JsonText::readObject).orElse(null),
                schemas.ui().map(JsonText::readObject).orElse(null),
                releases.stream().map(Views::version).toList());
    }

    static Release speaker(List<Release> releases) {
        return releases.stream()
                .filter(release -> release.state() == VersionState.ACTIVE)
                .findFirst()
                .orElse(releases.getFirst());
    }

    private static VersionView version(Release release) {
        return new VersionView(
                release.version().text(),
                release.state().wire(),
                release.publication().digest().text(),
                release.publication().size(),
                release.publication().keyId(),
                release.publishedAt());
    }
}
