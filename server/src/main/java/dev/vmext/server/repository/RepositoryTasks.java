package dev.vmext.server.repository;

import static dev.vmext.server.repository.RepositoryFindings.number;

import dev.vmext.fleet.RepositorySecrets;
import dev.vmext.protocol.api.RepositoryStatus;
import dev.vmext.protocol.api.RepositoryStatus.Outcome;
import dev.vmext.protocol.api.RepositoryStatus.Replication;
import dev.vmext.protocol.api.RepositoryView;
import dev.vmext.server.repository.Restic.Snapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is done with a repository besides proofs: forgets old snapshots, checks, copies to the second place. Each ends with an outcome, whatever happens. Thread-safe. */
final class RepositoryTasks {
    /** How much the time that a machine gives a snapshot may differ from when it came. */
    private static final Duration HONEST = Duration.ofDays(2);

    /** Says nothing about the repository; it is tried again. */
    private static final String NOT_CHECKED = "not checked: ";

    private final Restic restic;
    private final RepositoryFiles files;
    private final Path home;
    private final InstantSource clock;

    /**
     * Does nothing yet.
     *
     * @param home the control plane's own folder, in which no second place may lie
     */
    RepositoryTasks(Restic restic, RepositoryFiles files, Path home, InstantSource clock) {
        this.restic = restic;
        this.files = files;
        this.home = home;
        this.clock = clock;
    }

    private Outcome outcome(Instant begun, boolean good, String message) {
        Instant now = clock.instant();
        return new Outcome(
                now, good, message, Math.max(0, Duration.between(begun, now).toSeconds()));
    }

    /** The status after a piece of work that ended in a way that nothing foresees. What it says of the repository itself stays. */
    RepositoryStatus broken(RepositoryStatus status, RepositoryWork work, String why) {
        Instant now = clock.instant();
        return switch (work) {
            case PRUNE -> status.pruned(outcome(now, false, why));
            case CHECK -> {
                Outcome last = status.lastCheck();
                yield status.checked(outcome(now, last == null || last.good(), NOT_CHECKED + why));
            }
            case PROVE -> status.proved(new RepositoryStatus.Proof(now, false, why, "", null, 0, 0, 0, 0));
            case REPLICATE -> {
                Replication last = status.lastReplication();
                yield status.replicated(new Replication(
                        now,
                        false,
                        why,
                        0,
                        last == null ? 0 : last.snapshots(),
                        last == null ? 0 : last.missing(),
                        last == null ? null : last.behindSince()));
            }
        };
    }

    Outcome prune(RepositoryView view, RepositoryPlace place, Restic.Place here, Instant begun) {
        try {
            List<Snapshot> before = restic.snapshots(here);
            Optional<Snapshot> liar = implausible(before, files.arrivals(place));
            if (liar.isPresent()) {
                return outcome(
                        begun,
                        false,
                        "nothing was forgotten: snapshot "
                                + liar.get().view().id().substring(0, 8) + " says "
                                + liar.get().view().time()
                                + ", and came at another time. Whoever has root on the machine"
                                + " could push out older backups so; look at it, and correct the machine's clock");
            }
            restic.forget(here, view.policy());
            int left = restic.snapshots(here).size();
            return outcome(begun, true, left + " of " + before.size() + " snapshots stay");
        } catch (ResticException e) {
            return outcome(begun, false, e.message());
        }
    }

    /** Snapshots are kept by the time that machines give them: one with a made-up time could take the place of a real one. */
    private static Optional<Snapshot> implausible(List<Snapshot> all, Map<String, Instant> arrivals) {
        return all.stream()
                .filter(one -> {
                    Instant came = arrivals.get(one.view().id());
                    return came != null
                            && Duration.between(one.view().time(), came).abs().compareTo(HONEST) > 0;
                })
                .findFirst();
    }

    Outcome check(RepositoryView view, RepositoryPlace place, Restic.Place here, Instant begun) {
        int percent = number(view.policy().checkPercent());
        try {
            restic.check(here, percent);
            return outcome(begun, true, "no errors; " + percent + " % of the data were read");
        } catch (ResticException e) {
            // A storage that is away is no damage, however restic words it.
            if (e.kind() == ResticException.Kind.LOCKED
                    || e.kind() == ResticException.Kind.NO_PROGRAM
                    || !files.answers(place)) {
                Outcome last = view.status().lastCheck();
                return outcome(begun, last == null || last.good(), NOT_CHECKED + e.message());
            }
            return outcome(begun, false, e.message());
        }
    }

    Replication replicate(
            RepositoryView view, RepositoryPlace place, Restic.Place here, RepositorySecrets secrets, Instant begun) {
        String location = String.valueOf(view.policy().replica());
        Map<String, Instant> arrivals = files.arrivals(place);
        Instant now;
        try {
            refuseFirstPlace(location);
            Restic.Place other = new Restic.Place(location, secrets.password(), secrets.replicaEnvironment());
            List<Snapshot> mine = restic.snapshots(here);
            restic.copy(here, other);
            // Asked there, not believed: what counts is what the second place can give back.
            List<Snapshot> found = restic.snapshots(other);
            Set<String> copied = found.stream().map(Snapshot::mark).collect(Collectors.toSet());
            List<Instant> missing = mine.stream()
                    .filter(one -> !copied.contains(one.mark()))
                    .map(one ->
                            arrivals.getOrDefault(one.view().id(), one.view().time()))
                    .sorted()
                    .toList();
            now = clock.instant();
            return new Replication(
                    now,
                    missing.isEmpty(),
                    missing.isEmpty() ? "all snapshots are there" : missing.size() + " snapshots are missing",
                    Math.max(0, Duration.between(begun, now).toSeconds()),
                    found.size(),
                    missing.size(),
                    missing.isEmpty() ? null : missing.getFirst());
        } catch (ResticException e) {
            now = clock.instant();
            Replication before = view.status().lastReplication();
            Instant since = behindAfterFailure(before, arrivals);
            long missing = since == null
                    ? 0
                    : arrivals.values().stream()
                            .filter(at -> !at.isBefore(since))
                            .count();
            return new Replication(
                    now,
                    false,
                    e.message(),
                    Math.max(0, Duration.between(begun, now).toSeconds()),
                    before == null ? 0 : before.snapshots(),
                    (int) missing,
                    since);
        }
    }

    /** What was there before a failure is still there; what came since is not. */
    private static @Nullable Instant behindAfterFailure(@Nullable Replication before, Map<String, Instant> arrivals) {
        if (before != null && before.behindSince() != null) {
            return before.behindSince();
        }
        return arrivals.values().stream()
                .filter(at -> before == null || at.isAfter(before.at()))
                .min(Instant::compareTo)
                .orElse(null);
    }

    private void refuseFirstPlace(String location) throws ResticException {
        if (location.startsWith("/")
                && Path.of(location)
                        .normalize()
                        .startsWith(home.toAbsolutePath().normalize())) {
            throw new ResticException(
                    ResticException.Kind.FAILED,
                    "the second place " + location
                            + " lies in the control plane's own folder, which goes with the first");
        }
        if (files.holds(location)) {
            throw new ResticException(
                    ResticException.Kind.FAILED,
                    "the second place " + location + " lies where the first does, and goes with it");
        }
    }
}
