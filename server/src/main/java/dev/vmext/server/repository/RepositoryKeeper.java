package dev.vmext.server.repository;

import static dev.vmext.server.repository.RepositoryFindings.number;

import dev.vmext.fleet.Actor;
import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.OwnFinding;
import dev.vmext.fleet.RepositorySecrets;
import dev.vmext.protocol.api.RepositoryPolicy;
import dev.vmext.protocol.api.RepositoryStatus;
import dev.vmext.protocol.api.RepositoryStatus.DaySize;
import dev.vmext.protocol.api.RepositoryStatus.Outcome;
import dev.vmext.protocol.api.RepositoryStatus.Replication;
import dev.vmext.protocol.api.RepositoryView;
import dev.vmext.protocol.api.SnapshotView;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.repository.Restic.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Looks after repositories: counts, forgets old snapshots, checks, proves, copies to a second place, each when it is due or asked for, and
 * tells what is wrong. One piece of work at a time for each repository, and two in all. The timer calls {@link #run}; thread-safe.
 */
public final class RepositoryKeeper implements Runnable {
    private static final System.Logger LOG = System.getLogger(RepositoryKeeper.class.getName());
    private static final int AT_A_TIME = 2;
    private static final int DAYS = 30;
    private static final int WEEK = 7;
    /** What failed is tried again after this part of its interval. */
    private static final int AGAIN = 8;

    private final Fleet fleet;
    private final RepositoryFiles files;
    private final Restic restic;
    private final RepositoryTasks tasks;
    private final Proof proof;
    private final InstantSource clock;
    private final Executor workers;
    private final Map<RepositoryPlace, RepositoryWork> running = new ConcurrentHashMap<>();
    private final Semaphore places = new Semaphore(AT_A_TIME, true);
    private Map<String, OwnFinding> told = Map.of();

    /** Folders of the control plane that the keeper works in. */
    public record Folders(Path home, Path proofPrograms, Path throwAway) {}

    public RepositoryKeeper(
            Fleet fleet,
            RepositoryFiles files,
            Restic restic,
            Folders folders,
            InstantSource clock,
            Supplier<String> freshNames,
            Executor workers) {
        this.fleet = fleet;
        this.files = files;
        this.restic = restic;
        this.tasks = new RepositoryTasks(restic, files, folders.home(), clock);
        this.proof = new Proof(restic, folders.proofPrograms(), folders.throwAway(), clock, freshNames);
        this.clock = clock;
        this.workers = workers;
    }

    /** Clears away what an earlier process left. */
    public void start() throws IOException {
        proof.clear();
    }

    /** Counts, begins what is due, and tells what is wrong. Never throws. */
    @Override
    public void run() {
        try {
            List<RepositoryView> all = fleet.repositories();
            for (RepositoryView view : all) {
                lookAfter(view);
            }
            tell(fleet.repositories());
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot look after the repositories; trying again", e);
        }
    }

    /** One that does not answer keeps nobody from looking after the others, nor from telling that backups are overdue. */
    private void lookAfter(RepositoryView view) {
        try {
            measure(view);
            due(view).ifPresent(work -> begin(view, work));
        } catch (ProblemException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot look after a repository; trying again: {0}", e.detail());
        }
    }

    private synchronized void tell(List<RepositoryView> all) {
        Map<String, OwnFinding> now = new HashMap<>();
        for (RepositoryView view : all) {
            for (OwnFinding finding :
                    RepositoryFindings.of(view, files.refusedForSpace(RepositoryPlace.of(view)), clock.instant())) {
                now.put(view.machineId() + "/" + finding.subject() + "/" + finding.type(), finding);
            }
        }
        List<OwnFinding> news = now.entrySet().stream()
                .filter(one -> !one.getValue().equals(told.get(one.getKey())))
                .map(Map.Entry::getValue)
                .toList();
        if (!news.isEmpty()) {
            fleet.tellFindings(news);
        }
        told = now;
    }

    private void measure(RepositoryView view) {
        RepositoryPlace place = RepositoryPlace.of(view);
        RepositoryFiles.Snapshots found = files.snapshots(place);
        long bytes = files.bytes(place);
        RepositoryStatus before = view.status();
        Instant now = clock.instant();
        List<DaySize> days = days(before.sizes(), now, bytes);
        boolean same = before.measuredAt() != null
                && before.bytes() == bytes
                && before.snapshots() == found.count()
                && before.sizes().size() == days.size()
                && (days.isEmpty()
                        || days.getLast().day() == before.sizes().getLast().day());
        if (!same) {
            fleet.repositoryStatus(
                    view.machineId(),
                    view.installation(),
                    status -> status.measured(now, found.newest(), found.count(), bytes, grown(days, now), days));
        }
    }

    private static List<DaySize> days(List<DaySize> before, Instant now, long bytes) {
        long today = now.getEpochSecond() / Duration.ofDays(1).toSeconds();
        List<DaySize> days = new ArrayList<>(before);
        days.removeIf(one -> one.day() >= today || one.day() < today - DAYS);
        days.add(new DaySize(today, bytes));
        return days;
    }

    private static long grown(List<DaySize> days, Instant now) {
        long from = now.getEpochSecond() / Duration.ofDays(1).toSeconds() - WEEK;
        DaySize then = days.getFirst();
        for (DaySize one : days) {
            then = one.day() <= from ? one : then;
        }
        return days.getLast().bytes() - then.bytes();
    }

    /** What is to be done with it now, the most useful first. */
    private Optional<RepositoryWork> due(RepositoryView view) {
        RepositoryStatus status = view.status();
        RepositoryPolicy policy = view.policy();
        if (!files.initialised(RepositoryPlace.of(view)) || running.containsKey(RepositoryPlace.of(view))) {
            return Optional.empty();
        }
        Replication copy = status.lastReplication();
        String replica = policy.replica();
        if (replica != null
                && !replica.isEmpty()
                && RepositoryFindings.behindSince(status, copy, view.createdAt()) != null
                && isDue(
                        view,
                        RepositoryWork.REPLICATE,
                        policy.replicaHours(),
                        copy == null ? null : copy.at(),
                        copy == null || copy.good())) {
            return Optional.of(RepositoryWork.REPLICATE);
        }
        if (status.snapshots() == 0) {
            return Optional.empty();
        }
        Outcome prune = status.lastPrune();
        if (isDue(view, RepositoryWork.PRUNE, policy.pruneHours(), at(prune), good(prune))) {
            return Optional.of(RepositoryWork.PRUNE);
        }
        Outcome check = status.lastCheck();
        if (isDue(view, RepositoryWork.CHECK, policy.checkHours(), at(check), good(check))) {
            return Optional.of(RepositoryWork.CHECK);
        }
        RepositoryStatus.Proof last = status.lastProof();
        boolean proves = isDue(
                view,
                RepositoryWork.PROVE,
                policy.proofHours(),
                last == null ? null : last.at(),
                last == null || last.good());
        return proves ? Optional.of(RepositoryWork.PROVE) : Optional.empty();
    }

    private static @Nullable Instant at(@Nullable Outcome outcome) {
        return outcome == null ? null : outcome.at();
    }

    private static boolean good(@Nullable Outcome outcome) {
        return outcome == null || outcome.good();
    }

    /** Each repository has an hour of its own, so that a thousand that were made together do not all work together. */
    private boolean isDue(
            RepositoryView view,
            RepositoryWork work,
            @Nullable Integer hours,
            @Nullable Instant last,
            boolean wentWell) {
        if (number(hours) == 0) {
            return false;
        }
        Duration interval = Duration.ofHours(number(hours));
        long spread = Math.floorMod(
                (view.machineId() + view.installation() + work).hashCode(), Math.max(1, interval.toSeconds() / 10));
        Instant from = last == null ? view.createdAt() : last;
        Duration wait = wentWell ? interval : interval.dividedBy(AGAIN);
        // The first copy has nothing to wait for; everything else has, after the first backup.
        if (last == null && work == RepositoryWork.REPLICATE) {
            wait = Duration.ZERO;
        }
        return !clock.instant().isBefore(from.plus(wait).plusSeconds(spread));
    }

    /** What is being done with it. */
    public Optional<RepositoryWork> running(RepositoryView view) {
        return Optional.ofNullable(running.get(RepositoryPlace.of(view)));
    }

    /** Begins what an operator asks for; refused while something else is being done with it. */
    public void start(Actor actor, RepositoryView view, RepositoryWork work) {
        if (!files.initialised(RepositoryPlace.of(view))) {
            throw new ProblemException(
                    ProblemCode.REPOSITORY_NOT_FOUND,
                    "cannot " + work.wire() + " the backup repository of " + view.installation() + " of machine "
                            + view.machine() + ": no backup was ever made into it",
                    "wait for the first backup");
        }
        String replica = view.policy().replica();
        if (work == RepositoryWork.REPLICATE && (replica == null || replica.isEmpty())) {
            throw new ProblemException(
                    ProblemCode.INVALID_VALUE,
                    "cannot replicate the backup repository of " + view.installation() + ": it has no second place",
                    "give it one: vmext repository set " + view.machine() + " " + view.installation()
                            + " --replica PLACE");
        }
        if (!begin(view, work)) {
            throw busy(view, work.wire());
        }
        fleet.repositoryWork(actor, view, work.wire());
    }

    private ProblemException busy(RepositoryView view, String verb) {
        return new ProblemException(
                ProblemCode.REPOSITORY_IN_USE,
                "cannot " + verb + " the backup repository of " + view.installation() + " of machine "
                        + view.machine() + ": something is being done with it"
                        + running(view).map(other -> " (" + other.wire() + ")").orElse(""),
                "wait until that is over: vmext repository show " + view.machine() + " " + view.installation());
    }

    private boolean begin(RepositoryView view, RepositoryWork work) {
        RepositoryPlace place = RepositoryPlace.of(view);
        if (running.putIfAbsent(place, work) != null) {
            return false;
        }
        workers.execute(() -> {
            try {
                places.acquire();
                try {
                    carryOut(view, place, work);
                } finally {
                    places.release();
                }
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "Cannot " + work.wire() + " " + place, e);
                broke(view, work, e);
            } finally {
                running.remove(place);
            }
        });
        return true;
    }

    /** Whoever waits for the work, and the interval after which it is tried again, must see that it came to an end. */
    private void broke(RepositoryView view, RepositoryWork work, RuntimeException e) {
        String why = e instanceof ProblemException problem
                ? problem.detail()
                : "the control plane has a defect; its log has the whole of it: " + e;
        try {
            store(view, status -> tasks.broken(status, work, why));
        } catch (RuntimeException again) {
            LOG.log(System.Logger.Level.ERROR, "Cannot write down how " + work.wire() + " ended", again);
        }
    }

    private void carryOut(RepositoryView view, RepositoryPlace place, RepositoryWork work) {
        RepositorySecrets secrets = fleet.repositorySecrets(view.machineId(), view.installation());
        Restic.Place here = files.address(place, secrets.password());
        Instant begun = clock.instant();
        switch (work) {
            case PRUNE -> {
                Outcome outcome = tasks.prune(view, place, here, begun);
                files.changed(place);
                store(view, status -> status.pruned(outcome));
                report(place, work, outcome.good(), outcome.message());
                measure(view);
            }
            case CHECK -> {
                Outcome outcome = tasks.check(view, place, here, begun);
                store(view, status -> status.checked(outcome));
                report(place, work, outcome.good(), outcome.message());
            }
            case PROVE -> {
                RepositoryStatus.Proof outcome = proof.run(here, view.policy());
                store(view, status -> status.proved(outcome));
                report(place, work, outcome.good(), outcome.message());
            }
            case REPLICATE -> {
                Replication outcome = tasks.replicate(view, place, here, secrets, begun);
                store(view, status -> status.replicated(outcome));
                report(place, work, outcome.good(), outcome.message());
            }
        }
        files.changed(place);
        tell(fleet.repositories());
    }

    private void store(RepositoryView view, UnaryOperator<RepositoryStatus> news) {
        fleet.repositoryStatus(view.machineId(), view.installation(), news);
    }

    private static void report(RepositoryPlace place, RepositoryWork work, boolean good, String message) {
        LOG.log(
                good ? System.Logger.Level.INFO : System.Logger.Level.WARNING,
                "{0} of repository {1}: {2}",
                work.wire(),
                place,
                message);
    }

    /** Newest first. */
    public List<SnapshotView> snapshots(RepositoryView view) {
        RepositoryPlace place = RepositoryPlace.of(view);
        if (!files.initialised(place)) {
            return List.of();
        }
        RepositorySecrets secrets = fleet.repositorySecrets(view.machineId(), view.installation());
        try {
            return restic.snapshots(files.address(place, secrets.password())).reversed().stream()
                    .map(Snapshot::view)
                    .toList();
        } catch (ResticException e) {
            throw new ProblemException(
                    e.kind() == ResticException.Kind.NO_PROGRAM
                            ? ProblemCode.BACKUP_PROGRAM_MISSING
                            : ProblemCode.REPOSITORY_WORK_FAILED,
                    "cannot list the snapshots of " + view.installation() + " of machine " + view.machine() + ": "
                            + e.message(),
                    e.kind() == ResticException.Kind.NO_PROGRAM
                            ? "install the package restic on the host of the control plane"
                            : "vmext repository check looks what is wrong",
                    e);
        }
    }

    /** Deletes a repository that nobody uses, record and files. */
    public void delete(Actor actor, String project, String machine, String installation) {
        RepositoryView view = fleet.getRepository(project, machine, installation);
        RepositoryPlace place = RepositoryPlace.of(view);
        // Nothing begins any more; what is under way would put files back.
        if (running.putIfAbsent(place, RepositoryWork.PRUNE) != null) {
            throw busy(view, "delete");
        }
        try {
            fleet.deleteRepository(actor, project, view.machineId(), installation);
            files.delete(place);
        } finally {
            running.remove(place);
        }
    }
}
