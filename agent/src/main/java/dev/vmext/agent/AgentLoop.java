package dev.vmext.agent;

import dev.vmext.agent.fetch.PackageStore;
import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Intent;
import dev.vmext.agent.journal.Journal;
import dev.vmext.agent.journal.Step;
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
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.GoalStateCodec;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
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
    private final HealthWatch.Maker watches;
    private final PackageStore packages;
    private final Outbox outbox;
    private final StatusSheet sheet;
    private final Ports ports;
    private final Planner planner = new Planner();
    private final BlockingQueue<AgentEvent> events = new LinkedBlockingQueue<>(QUEUE);
    private final Map<String, Watching> watching = new HashMap<>();
    private final Set<String> looking = new HashSet<>();
    private GoalState goal = GoalState.EMPTY;
    private long runs;
    /** The generation that was reported as applied, in this process. */
    private long applied = -1;

    private String trustProblem = "";
    private boolean stopped;

    /** What the loop needs of the world. */
    record Ports(InstantSource clock, String boot, Limits limits, Executor workers) {}

    private record Watching(Deployed version, HealthWatch watch) {}

    AgentLoop(
            Journal journal,
            StepRunner runner,
            HealthWatch.Maker watches,
            PackageStore packages,
            Outbox outbox,
            Ports ports) {
        this.journal = journal;
        this.runner = runner;
        this.watches = watches;
        this.packages = packages;
        this.outbox = outbox;
        this.ports = ports;
        this.sheet = new StatusSheet(ports.clock());
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
        for (Entry entry : journal.entries().values()) {
            Intent intent = entry.intent();
            sheet.seen(entry.status());
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
        converge();
    }

    /** Takes one event, or finds that time has passed. */
    void step() throws InterruptedException {
        AgentEvent event = events.poll(untilNextLook().toMillis(), TimeUnit.MILLISECONDS);
        if (event != null) {
            handle(event);
        }
        converge();
    }

    private Duration untilNextLook() {
        Instant now = ports.clock().instant();
        Duration shortest = LONGEST_SLEEP;
        for (Map.Entry<String, Watching> one : watching.entrySet()) {
            if (!looking.contains(one.getKey())) {
                Duration left = Duration.between(now, one.getValue().watch().due());
                shortest = left.compareTo(shortest) < 0 ? left : shortest;
            }
        }
        for (Entry entry : journal.entries().values()) {
            shortest = soonest(shortest, now, entry.settleBy());
            shortest = soonest(
                    shortest,
                    now,
                    entry.failure() == null ? null : entry.failure().retryAt());
        }
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
        Instant now = ports.clock().instant();
        for (InstallationGoal wanted : goal.installations()) {
            runner.learn(wanted);
            Entry known = journal.entries().get(wanted.name());
            store(
                    known == null
                            ? InstallationMachine.wanted(wanted, goal.generation(), now)
                            : InstallationMachine.goal(known, wanted, goal.generation(), now));
        }
        outbox.answer(offer, null);
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
        runner.forget(run);
        if (intent.step() instanceof Step.Forget || intent.step() instanceof Step.Remove) {
            prunePackages();
        }
    }

    private void looked(String name, Deployed seen, HealthReading reading) {
        looking.remove(name);
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

    /** Writes down and reports; the entry as it is stored. */
    private Entry stored(Entry changed) {
        Entry entry = changed.with(sheet.fill(changed));
        if (!entry.equals(journal.entries().get(entry.name()))) {
            journal.put(entry);
            if (sheet.isNews(entry.status())) {
                outbox.report(entry.status());
            }
        }
        return entry;
    }

    private void converge() {
        if (stopped) {
            return;
        }
        Instant now = ports.clock().instant();
        Observed observed = new Observed(
                now, ports.boot(), mode(), packages.held(), ports.limits().others());
        boolean changed = true;
        for (int round = 0; changed && round < MAX_ROUNDS; round++) {
            changed = false;
            for (Decision decision : planner.plan(goal, journal.entries(), observed)) {
                // What was given up or begins may decide about others.
                changed |= !(decision instanceof Decision.Rest || decision instanceof Decision.Await);
                apply(decision, now);
            }
        }
        watch(now);
        if (applied < goal.generation() && nothingLeftToDo()) {
            applied = goal.generation();
            journal.goal().ifPresent(outbox::applied);
        }
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
            case Decision.Await(String _, var state, var cause) ->
                store(InstallationMachine.await(entry, state, cause, now));
            case Decision.GiveUp(String _, var state, var cause) ->
                store(InstallationMachine.giveUp(entry, state, cause, now));
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

    private void begin(Entry entry, Step step, Instant now) {
        String run = entry.name() + "-" + now.toEpochMilli() + "-" + runs++;
        InstallationGoal wanted = goal.installations().stream()
                .filter(installation -> installation.name().equals(entry.name()))
                .findFirst()
                .orElseThrow();
        Duration deadline = runner.deadline(entry, step, wanted);
        Entry begun = stored(InstallationMachine.begin(entry, step, run, deadline, ports.boot(), now));
        var offer = goal.packages().get(wanted.extension());
        ports.workers()
                .execute(
                        () -> post(new AgentEvent.StepEnded(entry.name(), run, runner.carryOut(begun, wanted, offer))));
    }

    private void watch(Instant now) {
        for (Entry entry : journal.entries().values()) {
            Deployed active = entry.active().filter(Deployed::enabled).orElse(null);
            Watching known = watching.get(entry.name());
            if (active == null || entry.intent() != null) {
                watching.remove(entry.name());
                continue;
            }
            if (known == null || !known.version().equals(active)) {
                known = new Watching(active, watches.make());
                watching.put(entry.name(), known);
            }
            if (!known.watch().due().isAfter(now) && looking.add(entry.name())) {
                HealthWatch watch = known.watch();
                ports.workers().execute(() -> look(entry, active, watch));
            }
        }
        watching.keySet().retainAll(journal.entries().keySet());
    }

    private void look(Entry entry, Deployed active, HealthWatch watch) {
        try {
            post(new AgentEvent.Looked(entry.name(), active, watch.look(entry)));
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }
}
