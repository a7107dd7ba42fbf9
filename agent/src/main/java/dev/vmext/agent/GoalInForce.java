package dev.vmext.agent;

import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Journal;
import dev.vmext.agent.plan.Planner;
import dev.vmext.agent.run.InstallationMachine;
import dev.vmext.agent.run.StepRunner;
import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.GoalStateCodec;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.InstallationState;
import java.time.Instant;

/**
 * The goal this machine works towards: the newest that arrived and could be read. It is written down before anything is done about it,
 * and an older one never replaces it. Used by the loop.
 */
final class GoalInForce {
    private static final System.Logger LOG = System.getLogger(GoalInForce.class.getName());

    private final Journal journal;
    private final Ledger ledger;
    private final StepRunner runner;
    private final Outbox outbox;
    private GoalState goal = GoalState.EMPTY;
    /** The generation that was reported as applied, in this process. */
    private long applied = -1;

    GoalInForce(Journal journal, Ledger ledger, StepRunner runner, Outbox outbox) {
        this.journal = journal;
        this.ledger = ledger;
        this.runner = runner;
        this.outbox = outbox;
    }

    GoalState state() {
        return goal;
    }

    /** What the goal says of an entry; of one it does not name, that it is to go. */
    InstallationGoal wanted(Entry entry) {
        return goal.installations().stream()
                .filter(installation -> installation.name().equals(entry.name()))
                .findFirst()
                .orElseGet(() -> Planner.gone(entry));
    }

    /** Reads the goal an agent before this one had taken. */
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
    }

    /** Takes or refuses a goal, and answers it either way. */
    void take(GoalOffer offer, Instant now) {
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
        tell(now);
        outbox.answer(offer, null);
    }

    /** Every installation learns what the goal says of it; done twice it changes nothing. */
    void tell(Instant now) {
        for (InstallationGoal wanted : goal.installations()) {
            runner.learn(wanted);
            Entry known = ledger.find(wanted.name());
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
            ledger.store(taken);
        }
    }

    /** Reports the goal as applied once nothing is left to do for it. */
    void reportWhenApplied() {
        if (applied < goal.generation() && nothingLeftToDo()) {
            applied = goal.generation();
            journal.goal().ifPresent(outbox::applied);
        }
    }

    private boolean nothingLeftToDo() {
        for (InstallationGoal wanted : goal.installations()) {
            Entry entry = ledger.find(wanted.name());
            if (entry == null
                    || entry.intent() != null
                    || !entry.status().state().terminal()) {
                return false;
            }
        }
        return true;
    }
}
