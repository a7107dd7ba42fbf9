package dev.vmext.agent;

import dev.vmext.agent.fetch.PackageStore;
import dev.vmext.agent.host.ForeignLocks;
import dev.vmext.agent.host.LockHolder;
import dev.vmext.agent.host.Restarter;
import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Intent;
import dev.vmext.agent.journal.Journal;
import dev.vmext.agent.journal.Step;
import dev.vmext.agent.journal.Trial;
import dev.vmext.agent.plan.Decision;
import dev.vmext.agent.plan.Observed;
import dev.vmext.agent.plan.Planner;
import dev.vmext.agent.run.HealthReading;
import dev.vmext.agent.run.HealthWatch;
import dev.vmext.agent.run.InstallationMachine;
import dev.vmext.agent.run.Limits;
import dev.vmext.agent.run.StepResult;
import dev.vmext.agent.run.StepRunner;
import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.manifest.Lease;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.GoalStateCodec;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Owns everything the agent knows, on one thread: takes an event, changes entries through {@link InstallationMachine}, writes them to
 * the journal, asks {@link Planner} what is next and hands steps to workers, which answer with events. One step per installation at a
 * time; independent installations run side by side.
 */
final class AgentLoop {
    private static final System.Logger LOG = System.getLogger(AgentLoop.class.getName());
    /** More events than all installations of a full goal can cause at once; a worker that finds it full waits. */
    private static final int QUEUE = 1024;

    /** A decision changes what others wait for; two rounds are common, more are left to the next event. */
    private static final int MAX_ROUNDS = 4;

    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(30);

    private final Journal journal;
    private final StepRunner runner;
    private final PackageStore packages;
    private final Outbox outbox;
    private final StatusSheet sheet;
    private final Ports ports;
    private final Planner planner = new Planner();
    private final BlockingQueue<AgentEvent> events = new LinkedBlockingQueue<>(QUEUE);
    private final Watches watches;
    private final LeaseLooks leases = new LeaseLooks();
    private final Overdue overdue;
    private final ClockWatch clockWatch;
    private GoalState goal = GoalState.EMPTY;
    private long runs;
    /** The generation that was reported as applied, in this process. */
    private long applied = -1;

    private String trustProblem = "";
    private String lookProblem = "";
    private boolean stopped;

    /** What the loop needs of the world. */
    record Ports(InstantSource clock, String boot, Limits limits, Executor workers, Host host) {
        /** A machine that nobody shares. */
        Ports(InstantSource clock, String boot, Limits limits, Executor workers) {
            this(clock, boot, limits, workers, Host.unshared());
        }
    }

    /**
     * The machine beside the extensions.
     *
     * @param parallel installations that are worked on at the same time
     * @param mayRestart whether its owner lets the agent restart it
     * @param nanoTime a clock that nobody can set, for what must not depend on the machine's
     */
    record Host(ForeignLocks locks, Restarter restarter, int parallel, boolean mayRestart, LongSupplier nanoTime) {
        /** Nobody else uses it, and it is not restarted. */
        static Host unshared() {
            return new Host(
                    (lease, ours) -> List.of(),
                    reason -> {
                        throw new IOException("cannot restart the machine: it is not this agent's");
                    },
                    Observed.USUAL_PARALLEL,
                    false,
                    System::nanoTime);
        }
    }

    AgentLoop(
            Journal journal,
            StepRunner runner,
            HealthWatch.Maker watches,
            PackageStore packages,
            Outbox outbox,
            Ports ports) {
        this.journal = journal;
        this.runner = runner;
        this.watches = new Watches(watches);
        this.packages = packages;
        this.outbox = outbox;
        this.ports = ports;
        this.sheet = new StatusSheet(ports.clock());
        this.overdue = new Overdue(ports.host().nanoTime());
        this.clockWatch = new ClockWatch(ports.host().nanoTime());
    }

    /** Hands in an event; waits while the loop is that far behind. Any thread. */
    void post(AgentEvent event) {
        try {
            events.put(event);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    /** Runs until {@link AgentEvent.Stop}. */
    void run() throws InterruptedException {
        recover();
        while (!stopped) {
            step();
        }
    }

    /** Continues what an agent before this one had begun. Everything is found again before anything is begun. */
    void recover() {
        journal.goal().ifPresent(offer -> {
            try {
                goal = GoalStateCodec.decode(offer.remoteConfig(), offer.packagesAvailable());
                goal.installations().forEach(runner::learn);
            } catch (ProblemException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "The stored goal cannot be read, waiting for a new one: {0}",
                        e.detail());
            }
        });
        Set<String> known = new HashSet<>();
        Instant now = ports.clock().instant();
        for (Entry remembered : journal.entries().values()) {
            sheet.seen(remembered.status());
            Entry entry = stored(InstallationMachine.rebooted(notLater(remembered, now), ports.boot(), now));
            Intent intent = entry.intent();
            outbox.report(entry.status());
            runner.refresh(entry);
            if (intent != null) {
                known.add(intent.run());
                ports.workers()
                        .execute(() -> post(new AgentEvent.StepEnded(
                                entry.name(), intent.run(), runner.resume(entry, ports.boot()))));
            }
        }
        try {
            runner.forgetAllBut(known);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot delete traces of old commands, ignoring: {0}", e.getMessage());
        }
        takeGoal(now); // an agent that was killed between taking a goal and writing down what it means
        converge();
        // An agent before this one may have died between what made a package needless and its deletion.
        prunePackages();
    }

    /** Takes one event, or finds that time has passed. */
    void step() throws InterruptedException {
        AgentEvent event = events.poll(untilNextLook().toMillis(), TimeUnit.MILLISECONDS);
        if (event != null) {
            handle(event);
        }
        converge();
    }

    /** As {@link #step}, but does not wait: for somebody who has a time of their own. Answers whether there was an event. */
    boolean stepNow() {
        AgentEvent event = events.poll();
        if (event != null) {
            handle(event);
        }
        converge();
        return event != null;
    }

    Duration untilNextLook() {
        Instant now = ports.clock().instant();
        Duration shortest = watches.untilNext(now, LONGEST_SLEEP);
        for (Entry entry : journal.entries().values()) {
            shortest = soonest(shortest, now, entry.settleBy());
            shortest = soonest(
                    shortest,
                    now,
                    entry.failure() == null ? null : entry.failure().retryAt());
            Trial trial = entry.memory().trial();
            shortest = soonest(shortest, now, trial == null ? null : trial.until());
        }
        shortest = soonest(shortest, now, leases.next());
        return shortest.isNegative() ? Duration.ZERO : shortest.plusMillis(1);
    }

    private static Duration soonest(Duration shortest, Instant now, @Nullable Instant at) {
        if (at == null || at.isBefore(now)) {
            return shortest;
        }
        Duration left = Duration.between(now, at);
        return left.compareTo(shortest) < 0 ? left : shortest;
    }

    private void handle(AgentEvent event) {
        switch (event) {
            case AgentEvent.GoalArrived(GoalOffer offer) -> take(offer);
            case AgentEvent.StepEnded(String name, String run, StepResult result) -> ended(name, run, result);
            case AgentEvent.Looked(String name, Deployed seen, HealthReading reading) -> looked(name, seen, reading);
            case AgentEvent.StatusesWanted _ ->
                journal.entries().values().forEach(entry -> outbox.report(entry.status()));
            case AgentEvent.Asked(var answer) ->
                answer.complete(StatusText.of(goal, journal.entries().values(), outbox.describe()));
            case AgentEvent.LocksSeen(Lease lease, List<LockHolder> holders) ->
                leases.seen(lease, holders, ports.clock().instant());
            case AgentEvent.RemovalForced(String name, var answer) -> answer.complete(forceRemove(name));
            case AgentEvent.Tidying(var answer) ->
                answer.complete(runner.inUse(journal.entries().values()));
            case AgentEvent.Stop _ -> stopped = true;
        }
    }

    private void take(GoalOffer offer) {
        GoalState arrived;
        try {
            arrived = GoalStateCodec.decode(offer.remoteConfig(), offer.packagesAvailable());
        } catch (ProblemException e) {
            LOG.log(System.Logger.Level.WARNING, "Refusing a goal: {0}", e.detail());
            outbox.answer(offer, e.detail());
            return;
        }
        if (arrived.generation() < goal.generation()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Ignoring goal {0}, goal {1} is in force",
                    arrived.generation(),
                    goal.generation());
            outbox.answer(
                    offer,
                    "cannot go back to goal " + arrived.generation() + ": goal " + goal.generation() + " is in force");
            return;
        }
        journal.goal(offer);
        LOG.log(
                System.Logger.Level.INFO,
                "Took goal {0} with {1} installations",
                arrived.generation(),
                arrived.installations().size());
        goal = arrived;
        takeGoal(ports.clock().instant());
        outbox.answer(offer, null);
    }

    /** Every installation learns what the goal says of it; done twice it changes nothing. */
    private void takeGoal(Instant now) {
        for (InstallationGoal wanted : goal.installations()) {
            runner.learn(wanted);
            Entry known = journal.entries().get(wanted.name());
            // A name that was given to another extension since: what was removed has nothing to do with it.
            boolean another = known != null
                    && known.status().state() == InstallationState.REMOVED
                    && !known.extension().equals(wanted.extension());
            Entry taken = known == null || another
                    ? InstallationMachine.wanted(wanted, goal.generation(), now)
                    : InstallationMachine.goal(known, wanted, goal.generation(), now);
            Order order = wanted.terms().order();
            if (order != null && order.number() > taken.memory().order()) {
                LOG.log(
                        System.Logger.Level.INFO,
                        "Carrying out order {0} for {1}: {2}",
                        order.number(),
                        wanted.name(),
                        order.kind().wire());
                taken = InstallationMachine.order(taken, order, now);
            }
            store(taken);
        }
    }

    private void ended(String name, String run, StepResult result) {
        Entry entry = journal.entries().get(name);
        Intent intent = entry == null ? null : entry.intent();
        if (entry == null || intent == null || !intent.run().equals(run)) {
            LOG.log(System.Logger.Level.WARNING, "Ignoring the end of step {0}, nobody waits for it", run);
            return;
        }
        Entry next = InstallationMachine.ended(
                entry,
                result,
                ports.boot(),
                ports.limits().settle(),
                ports.clock().instant());
        store(next.with(next.status().with(runner.detail(run, next.status().detail()))));
        leases.forget();
        runner.forget(run);
        if (intent.step() instanceof Step.Forget || intent.step() instanceof Step.Remove) {
            prunePackages();
        }
    }

    private void looked(String name, Deployed seen, HealthReading reading) {
        watches.ended(name);
        Entry entry = journal.entries().get(name);
        if (entry != null && entry.active().filter(seen::equals).isPresent()) {
            Entry next =
                    InstallationMachine.observe(entry, reading, ports.clock().instant());
            store(next);
            if (entry.previous() != null && next.previous() == null) {
                prunePackages();
            }
        }
    }

    /** By the word of somebody who is root on this machine. */
    private String forceRemove(String name) {
        Entry entry = journal.entries().get(name);
        if (entry == null) {
            return "there is no installation " + name + " on this machine\n";
        }
        Entry removed = InstallationMachine.forceRemove(entry, ports.clock().instant());
        if (!removed.equals(entry)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Audit: root on this machine force-removes installation {0} ({1}, which was {2})",
                    name,
                    entry.extension(),
                    entry.status().state().wire());
            store(removed);
        }
        Cause cause = removed.status().cause();
        return removed.status().state() == InstallationState.REMOVED && cause != null
                ? "removed: " + cause.message() + "\n"
                : "under way: " + name + " is " + removed.status().state().wire() + "\n";
    }

    private void prunePackages() {
        try {
            packages.keepOnly(Planner.needed(goal, journal.entries().values()));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot delete packages, trying again later: {0}", e.getMessage());
        }
    }

    private void store(Entry changed) {
        var _ = stored(changed);
    }

    /** Writes down and reports; the entry as it is stored. A step that is to end is then told so. */
    private Entry stored(Entry changed) {
        Entry entry = changed.with(sheet.fill(changed));
        if (!entry.equals(journal.entries().get(entry.name()))) {
            journal.put(entry);
            if (sheet.isNews(entry.status())) {
                outbox.report(entry.status());
            }
        }
        Intent intent = entry.intent();
        if (intent != null && intent.stop() != null) {
            runner.stop(intent.run());
        }
        return entry;
    }

    private void clockMaySet(Instant now) {
        Duration step = clockWatch.step(now);
        if (!step.isZero()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The clock of the machine was set by {0} s; deadlines move with it",
                    step.toSeconds());
            journal.entries().values().forEach(entry -> store(InstallationMachine.clockSet(entry, step)));
        }
    }

    /** While no agent ran the clock may have been set back: nothing can have begun later than now. */
    private static Entry notLater(Entry entry, Instant now) {
        Instant begun = entry.memory().begun();
        return begun != null && begun.isAfter(now)
                ? InstallationMachine.clockSet(entry, Duration.between(begun, now))
                : entry;
    }

    private void converge() {
        if (stopped) {
            return;
        }
        Instant now = ports.clock().instant();
        clockMaySet(now);
        endLateSteps(now);
        Host host = ports.host();
        Observed observed = new Observed(
                now,
                ports.boot(),
                mode(),
                packages.held(),
                ports.limits().others(),
                leases.views(),
                host.parallel(),
                host.mayRestart());
        boolean changed = true;
        List<Decision> decisions = List.of();
        for (int round = 0; changed && round < MAX_ROUNDS; round++) {
            changed = false;
            leases.wantNothing();
            decisions = planner.plan(goal, journal.entries(), observed);
            for (Decision decision : decisions) {
                // What was given up or begins may decide about others.
                changed |= !(decision instanceof Decision.Rest
                        || decision instanceof Decision.Await
                        || decision instanceof Decision.Look);
                apply(decision, now);
            }
        }
        leases.begin(now).forEach(this::lookAt);
        watches.begin(
                journal.entries().values(),
                now,
                (entry, watch) -> ports.workers().execute(() -> look(entry, watch)));
        planner.restart(journal.entries(), observed, decisions).ifPresent(reason -> restart(reason, now));
        if (applied < goal.generation() && nothingLeftToDo()) {
            applied = goal.generation();
            journal.goal().ifPresent(outbox::applied);
        }
    }

    /** A step ends by its own deadline. One whose worker hangs, in a file system that does not answer, must not keep an installation. */
    private void endLateSteps(Instant now) {
        overdue.late(journal.entries().values()).forEach(entry -> {
            LOG.log(System.Logger.Level.WARNING, "A step of {0} does not end, stopping it", entry.name());
            store(InstallationMachine.overdue(entry, now));
        });
        overdue.lost(journal.entries().values()).forEach(entry -> {
            LOG.log(System.Logger.Level.ERROR, "A step of {0} does not stop, leaving it alone", entry.name());
            Intent intent = entry.intent();
            if (intent != null) {
                ended(entry.name(), intent.run(), new StepResult.Stopped(""));
            }
        });
    }

    private boolean nothingLeftToDo() {
        Map<String, Entry> entries = journal.entries();
        for (InstallationGoal wanted : goal.installations()) {
            Entry entry = entries.get(wanted.name());
            if (entry == null
                    || entry.intent() != null
                    || !entry.status().state().terminal()) {
                return false;
            }
        }
        return true;
    }

    /** A trust file that cannot be read allows nothing. */
    private TrustMode mode() {
        String problem = "";
        TrustMode mode = TrustMode.OBSERVE;
        try {
            mode = packages.trust().mode();
        } catch (PackageException e) {
            problem = e.detail();
        }
        if (!problem.equals(trustProblem)) {
            trustProblem = problem;
            LOG.log(
                    System.Logger.Level.WARNING,
                    problem.isEmpty()
                            ? "The trust file is good again"
                            : "Changing nothing on this machine: " + problem);
        }
        return mode;
    }

    private void apply(Decision decision, Instant now) {
        Entry entry = journal.entries().get(decision.name());
        if (entry == null) {
            return;
        }
        switch (decision) {
            case Decision.Act(String _, Step step) -> begin(entry, step, now);
            case Decision.Await(String _, InstallationState state, Cause cause) -> {
                if (cause.kind() == CauseClass.LOCK) {
                    waitsForStranger(cause).ifPresent(leases::want);
                }
                store(InstallationMachine.await(entry, state, cause, now));
            }
            case Decision.Look(String _, Lease lease) -> leases.want(lease);
            case Decision.GiveUp(String _, var state, var cause) ->
                store(InstallationMachine.giveUp(entry, state, cause, now));
            case Decision.Release(String _) -> store(InstallationMachine.release(entry, now));
            case Decision.Limit(String _, Instant until) -> store(InstallationMachine.limit(entry, until));
            case Decision.Rest _ -> {
                // the watch below looks after it
            }
            case Decision.Drop(String name) -> {
                journal.remove(name);
                sheet.forget(name);
                outbox.forget(name);
            }
        }
    }

    private static Optional<Lease> waitsForStranger(Cause cause) {
        String text = cause.evidence().getOrDefault("lease", "");
        return cause.evidence().containsKey("installation")
                ? Optional.empty()
                : List.of(Lease.values()).stream()
                        .filter(lease -> lease.text().equals(text))
                        .findFirst();
    }

    private void begin(Entry entry, Step step, Instant now) {
        String run = entry.name() + "-" + now.toEpochMilli() + "-" + runs++;
        InstallationGoal wanted = goal.installations().stream()
                .filter(installation -> installation.name().equals(entry.name()))
                .findFirst()
                .orElseGet(() -> Planner.gone(entry));
        Duration deadline = runner.deadline(entry, step, wanted);
        Entry begun = stored(InstallationMachine.begin(entry, step, run, deadline, ports.boot(), now));
        leases.forget();
        var offer = goal.packages().get(wanted.extension());
        ports.workers()
                .execute(
                        () -> post(new AgentEvent.StepEnded(entry.name(), run, runner.carryOut(begun, wanted, offer))));
    }

    private void look(Entry entry, HealthWatch watch) {
        try {
            post(new AgentEvent.Looked(entry.name(), entry.active().orElseThrow(), watch.look(entry)));
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    /** None of our commands that declare the lease run while somebody asks for it, so whoever has it is a stranger. */
    private void lookAt(Lease lease) {
        ports.workers().execute(() -> {
            List<LockHolder> holders = List.of();
            String problem = "";
            try {
                holders = ports.host().locks().holders(lease, Set.of());
            } catch (IOException e) {
                problem = "Cannot see who uses " + lease.text() + ", going on as if nobody did: " + e.getMessage();
            }
            noteLookProblem(problem);
            post(new AgentEvent.LocksSeen(lease, holders));
        });
    }

    private synchronized void noteLookProblem(String problem) {
        if (!problem.isEmpty() && !problem.equals(lookProblem)) {
            LOG.log(System.Logger.Level.WARNING, problem);
        }
        lookProblem = problem;
    }

    private void restart(String reason, Instant now) {
        // Written down first: whatever happens now, the machine is not restarted for this again.
        for (Entry entry : journal.entries().values()) {
            store(InstallationMachine.restarting(entry, now));
        }
        LOG.log(System.Logger.Level.WARNING, "Restarting the machine for {0}", reason);
        ports.workers().execute(() -> {
            try {
                ports.host().restarter().restart(reason);
            } catch (IOException e) {
                LOG.log(System.Logger.Level.ERROR, "The machine was not restarted: {0}", e.getMessage());
            }
        });
    }
}
