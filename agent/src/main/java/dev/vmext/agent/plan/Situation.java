package dev.vmext.agent.plan;

import dev.vmext.agent.journal.Entry;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.InstallationGoal;
import java.util.Map;

/**
 * What all decisions of one call are made of.
 *
 * @param wanted the goal's installations by name
 * @param entries the journal's, by name
 */
record Situation(
        GoalState goal,
        Map<String, InstallationGoal> wanted,
        Map<String, Entry> entries,
        Observed observed,
        Precedence precedence) {}
