package dev.vmext.agent;

import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Intent;
import dev.vmext.agent.journal.Journal;
import dev.vmext.agent.journal.Step;
import dev.vmext.agent.plan.Planner;
import dev.vmext.agent.run.InstallationMachine;
import dev.vmext.agent.run.StepResult;
import dev.vmext.agent.run.StepRunner;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.status.Cause;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Takes an installation away by the word of the machine's owner while no agent runs: the same steps, the same journal, one after the
 * other on the caller's thread. The agent reports it when it runs again. Whoever calls it holds the journal's lock.
 */
final class OfflineRemoval {
    private static final System.Logger LOG = System.getLogger(OfflineRemoval.class.getName());
    /** Two versions with three steps each, a step that was under way, and the last one; more is a fault. */
    private static final int MAX_STEPS = 20;

    private final Journal journal;
    private final StepRunner runner;
    private final InstantSource clock;
    private final String boot;

    OfflineRemoval(Journal journal, StepRunner runner, InstantSource clock, String boot) {
        this.journal = journal;
        this.runner = runner;
        this.clock = clock;
        this.boot = boot;
    }

    /** What became of it, one line; it says so itself when there is no such installation. */
    String remove(String name) {
        Entry known = journal.entries().get(name);
        if (known == null) {
            return "there is no installation " + name + " on this machine";
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "Audit: root on this machine force-removes installation {0} ({1}, which was {2}) while no agent runs",
                name,
                known.extension(),
                known.status().state().wire());
        Entry entry = stored(InstallationMachine.forceRemove(known, clock.instant()));
        entry = endWhatRuns(entry);
        for (int i = 0; i < MAX_STEPS && entry.memory().purge() != null; i++) {
            Step step = Planner.removal(entry);
            InstallationGoal gone = Planner.gone(entry);
            String run = name + "-offline-" + clock.instant().toEpochMilli() + "-" + i;
            Entry begun = stored(InstallationMachine.begin(
                    entry, step, run, runner.deadline(entry, step, gone), boot, clock.instant()));
            entry = ended(begun, runner.carryOut(begun, gone, null));
            runner.forget(run);
        }
        Cause cause = entry.status().cause();
        return cause == null ? name + " is " + entry.status().state().wire() : cause.message();
    }

    /** A command that an agent had begun before it ended may still run. */
    private Entry endWhatRuns(Entry entry) {
        Intent intent = entry.intent();
        if (intent == null) {
            return entry;
        }
        runner.stop(intent.run());
        Entry idle = ended(entry, runner.resume(entry, boot));
        runner.forget(intent.run());
        return idle;
    }

    private Entry ended(Entry begun, StepResult result) {
        return stored(InstallationMachine.ended(begun, result, boot, Duration.ZERO, clock.instant()));
    }

    private Entry stored(Entry entry) {
        journal.put(entry);
        return entry;
    }
}
