package dev.vmext.agent;

import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Intent;
import dev.vmext.agent.journal.Step;
import dev.vmext.agent.run.InstallationMachine;
import dev.vmext.agent.run.StepResult;
import dev.vmext.agent.run.StepRunner;
import dev.vmext.protocol.goal.InstallationGoal;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * Steps from their beginning to their end: the intent is written down, a worker carries the step out and answers with an event, and what
 * came of it is written down again. A worker that does not answer is given up. Used by the loop; only {@code answers} is called by
 * workers.
 */
final class StepsUnderWay {
    private static final System.Logger LOG = System.getLogger(StepsUnderWay.class.getName());

    private final Ledger ledger;
    private final GoalInForce goal;
    private final NeededPackages needed;
    private final LeaseLooks leases;
    private final StepRunner runner;
    private final AgentLoop.Ports ports;
    private final Consumer<AgentEvent> answers;
    private final Overdue overdue;
    private long runs;

    /** What steps change besides the entry they belong to. */
    record Books(Ledger ledger, GoalInForce goal, NeededPackages needed, LeaseLooks leases) {}

    StepsUnderWay(Books books, StepRunner runner, AgentLoop.Ports ports, Consumer<AgentEvent> answers) {
        this.ledger = books.ledger();
        this.goal = books.goal();
        this.needed = books.needed();
        this.leases = books.leases();
        this.runner = runner;
        this.ports = ports;
        this.answers = answers;
        this.overdue = new Overdue(ports.host().nanoTime());
    }

    void begin(Entry entry, Step step, Instant now) {
        String run = entry.name() + "-" + now.toEpochMilli() + "-" + runs++;
        InstallationGoal wanted = goal.wanted(entry);
        Duration deadline = runner.deadline(entry, step, wanted);
        Entry begun = ledger.stored(InstallationMachine.begin(entry, step, run, deadline, ports.boot(), now));
        leases.forget();
        var offer = goal.state().packages().get(wanted.extension());
        ports.workers()
                .execute(() -> answers.accept(
                        new AgentEvent.StepEnded(entry.name(), run, runner.carryOut(begun, wanted, offer))));
    }

    /** Finds again what an agent before this one had begun. */
    void resume(Entry entry, Intent intent) {
        ports.workers()
                .execute(() -> answers.accept(
                        new AgentEvent.StepEnded(entry.name(), intent.run(), runner.resume(entry, ports.boot()))));
    }

    void ended(String name, String run, StepResult result) {
        Entry entry = ledger.find(name);
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
        ledger.store(
                next.with(next.status().with(runner.detail(run, next.status().detail()))));
        leases.forget();
        runner.forget(run);
        if (intent.step() instanceof Step.Forget || intent.step() instanceof Step.Remove) {
            needed.keepOnlyThose();
        }
    }

    /** A step ends by its own deadline. One whose worker hangs, in a file system that does not answer, must not keep an installation. */
    void endLate(Instant now) {
        overdue.late(ledger.entries().values()).forEach(entry -> {
            LOG.log(System.Logger.Level.WARNING, "A step of {0} does not end, stopping it", entry.name());
            ledger.store(InstallationMachine.overdue(entry, now));
        });
        overdue.lost(ledger.entries().values()).forEach(entry -> {
            LOG.log(System.Logger.Level.ERROR, "A step of {0} does not stop, leaving it alone", entry.name());
            Intent intent = entry.intent();
            if (intent != null) {
                ended(entry.name(), intent.run(), new StepResult.Stopped(""));
            }
        });
    }
}
