package dev.vmext.agent;

import dev.vmext.agent.fetch.PackageStore;
import dev.vmext.agent.host.ForeignLocks;
import dev.vmext.agent.host.Janitor;
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
import dev.vmext.agent.plan.Restart;
import dev.vmext.agent.process.ClockWatch;
import dev.vmext.agent.run.HealthReading;
import dev.vmext.agent.run.HealthWatch;
import dev.vmext.agent.run.InstallationMachine;
import dev.vmext.agent.run.Limits;
import dev.vmext.agent.run.StepResult;
import dev.vmext.agent.run.StepRunner;
import dev.vmext.packageformat.manifest.Lease;
import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.InstallationState;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Owns everything the agent knows, on one thread: takes an event, changes entries through {@link InstallationMachine}, writes them down
 * ({@link Ledger}), asks {@link Planner} what is next and hands steps to workers ({@link StepsUnderWay}), which answer with events. One
 * step per installation at a time; independent installations run side by side.
 */
final class AgentLoop {
    private static final System.Logger LOG = System.getLogger(AgentLoop.class.getName());
    /** More events than all installations of a full goal can cause at once; a worker that finds it full waits. */
    private static final int QUEUE = 1024;

    /** A decision changes what others wait for; two rounds are common, more are left to the next event. */
    private static final int MAX_ROUNDS = 4;

    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(30);

    private final Ledger ledger;
    private final GoalInForce goal;
    private final StepsUnderWay steps;
    private final NeededPackages needed;
    private final OwnersMode mode;
    private final Strangers strangers;
    private final StepRunner runner;
    private final PackageStore packages;
    private final Outbox outbox;
    private final Ports ports;
    private final Planner planner = new Planner();
    private final BlockingQueue<AgentEvent> events = new LinkedBlockingQueue<>(QUEUE);
    private final Watches watches;
    private final LeaseLooks leases = new LeaseLooks();
    private final ClockWatch clockWatch;
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
     * @param busy whether something runs on it that is no installation's and that a restart would cut off
     * @param nanoTime a clock that nobody can set, for what must not depend on the machine's
     */
    record Host(
            ForeignLocks locks,
            Restarter restarter,
            int parallel,
            boolean mayRestart,
            BooleanSupplier busy,
            LongSupplier nanoTime) {
        /** Nobody else uses it, and it is not restarted. */
        static Host unshared() {
            return new Host(
                    (lease, ours) -> List.of(),
                    reason -> {
                        throw new IOException("cannot restart the machine: it is not this agent's");
                    },
                    Observed.USUAL_PARALLEL,
                    false,
                    () -> false,
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
        this.ledger = new Ledger(journal, runner, outbox, ports.clock());
        this.goal = new GoalInForce(journal, ledger, runner, outbox);
        this.needed = new NeededPackages(packages, goal, ledger);
        this.steps =
                new StepsUnderWay(new StepsUnderWay.Books(ledger, goal, needed, leases), runner, ports, this::post);
        this.mode = new OwnersMode(packages);
        this.strangers = new Strangers(ports.host().locks());
        this.runner = runner;
        this.watches = new Watches(watches);
        this.packages = packages;
        this.outbox = outbox;
        this.ports = ports;
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
        goal.recover();
        Set<String> known = new HashSet<>();
        Instant now = ports.clock().instant();
        for (Entry remembered : ledger.entries().values()) {
            ledger.remember(remembered);
            Entry entry = ledger.stored(InstallationMachine.rebooted(notLater(remembered, now), ports.boot(), now));
            Intent intent = entry.intent();
            outbox.report(entry.status());
            runner.refresh(entry);
            if (intent != null) {
                known.add(intent.run());
                steps.resume(entry, intent);
            }
        }
        try {
            runner.forgetAllBut(known);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot delete traces of old commands, ignoring: {0}", e.getMessage());
        }
        goal.tell(now); // an agent that was killed between taking a goal and writing down what it means
        converge();
        // An agent before this one may have died between what made a package needless and its deletion.
        needed.keepOnlyThose();
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
        for (Entry entry : ledger.entries().values()) {
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
            case AgentEvent.GoalArrived(GoalOffer offer) ->
                goal.take(offer, ports.clock().instant());
            case AgentEvent.StepEnded(String name, String run, StepResult result) -> steps.ended(name, run, result);
            case AgentEvent.Looked(String name, Deployed seen, HealthReading reading) -> looked(name, seen, reading);
            case AgentEvent.StatusesWanted _ -> ledger.reportAll();
            case AgentEvent.Asked(var answer) ->
                answer.complete(StatusText.of(goal.state(), ledger.entries().values(), outbox.describe()));
            case AgentEvent.LocksSeen(Lease lease, List<LockHolder> holders) ->
                leases.seen(lease, holders, ports.clock().instant());
            case AgentEvent.RemovalForced(String name, var answer) -> answer.complete(forceRemove(name));
            case AgentEvent.Tidying(var answer) -> answer.complete(inUse());
            case AgentEvent.Stop _ -> stopped = true;
        }
    }

    /** What must not be cleared away. Asked on the loop's own thread. */
    Janitor.InUse inUse() {
        return runner.inUse(ledger.entries().values());
    }

    private void looked(String name, Deployed seen, HealthReading reading) {
        watches.ended(name);
        Entry entry = ledger.find(name);
        if (entry != null && entry.active().filter(seen::equals).isPresent()) {
            // Where its owner forbids restarts nothing waits for one: what needs it is told as a finding.
            boolean mayRestart = ports.host().mayRestart() && mode.now().allowsChanges();
            HealthReading heard = mayRestart ? reading : reading.withoutRestart();
            Entry next = InstallationMachine.observe(entry, heard, ports.clock().instant());
            ledger.store(next);
            if (entry.previous() != null && next.previous() == null) {
                needed.keepOnlyThose();
            }
        }
    }

    /** By the word of somebody who is root on this machine. */
    private String forceRemove(String name) {
        Entry entry = ledger.find(name);
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
            ledger.store(removed);
        }
        Cause cause = removed.status().cause();
        return removed.status().state() == InstallationState.REMOVED && cause != null
                ? "removed: " + cause.message() + "\n"
                : "under way: " + name + " is " + removed.status().state().wire() + "\n";
    }

    private void clockMaySet(Instant now) {
        Duration step = clockWatch.step(now);
        if (!step.isZero()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The clock of the machine was set by {0} s; deadlines move with it",
                    step.toSeconds());
            ledger.entries().values().forEach(entry -> ledger.store(InstallationMachine.clockSet(entry, step)));
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
        steps.endLate(now);
        Host host = ports.host();
        Observed observed = new Observed(
                now,
                ports.boot(),
                mode.now(),
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
            decisions = planner.plan(goal.state(), ledger.entries(), observed);
            for (Decision decision : decisions) {
                // What was given up or begins may decide about others.
                changed |= !(decision instanceof Decision.Rest
                        || decision instanceof Decision.Await
                        || decision instanceof Decision.Look);
                apply(decision, now);
            }
        }
        switch (planner.restart(ledger.entries(), observed, decisions)) {
            case Restart.Now(String reason) when !host.busy().getAsBoolean() -> restart(reason, now);
            case Restart.Look(Lease lease) -> leases.want(lease);
            case Restart.Now _, Restart.NotNow _ -> {
                // it is asked again after the next event
            }
        }
        leases.begin(now)
                .forEach(lease ->
                        ports.workers().execute(() -> post(new AgentEvent.LocksSeen(lease, strangers.holding(lease)))));
        watches.begin(
                ledger.entries().values(),
                now,
                (entry, watch) -> ports.workers().execute(() -> look(entry, watch)));
        goal.reportWhenApplied();
    }

    private void apply(Decision decision, Instant now) {
        Entry entry = ledger.find(decision.name());
        if (entry == null) {
            return;
        }
        switch (decision) {
            case Decision.Act(String _, Step step) -> steps.begin(entry, step, now);
            case Decision.Await(String _, InstallationState state, Cause cause) -> {
                leases.wantFor(cause);
                ledger.store(InstallationMachine.await(entry, state, cause, now));
            }
            case Decision.Look(String _, Lease lease) -> leases.want(lease);
            case Decision.GiveUp(String _, var state, var cause) ->
                ledger.store(InstallationMachine.giveUp(entry, state, cause, now));
            case Decision.Release(String _) -> ledger.store(InstallationMachine.release(entry, now));
            case Decision.Limit(String _, Instant until) -> ledger.store(InstallationMachine.limit(entry, until));
            case Decision.Rest _ -> {
                // the watch below looks after it
            }
            case Decision.Drop(String name) -> ledger.drop(name);
        }
    }

    private void look(Entry entry, HealthWatch watch) {
        try {
            post(new AgentEvent.Looked(entry.name(), entry.active().orElseThrow(), watch.look(entry)));
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private void restart(String reason, Instant now) {
        // Written down first: whatever happens now, the machine is not restarted for this again.
        for (Entry entry : ledger.entries().values()) {
            ledger.store(InstallationMachine.restarting(entry, now));
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
