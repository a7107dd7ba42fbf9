package dev.vmext.agent;

import dev.vmext.agent.host.Janitor;
import dev.vmext.agent.host.LockHolder;
import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.run.HealthReading;
import dev.vmext.agent.run.StepResult;
import dev.vmext.packageformat.manifest.Lease;
import dev.vmext.protocol.goal.GoalOffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Everything that can happen to the agent. The loop takes one at a time. */
sealed interface AgentEvent {
    /** The control plane said what this machine should have. */
    record GoalArrived(GoalOffer offer) implements AgentEvent {}

    /** A worker finished the step of this installation. */
    record StepEnded(String installation, String run, StepResult result) implements AgentEvent {}

    /** A worker looked at the version that was then in charge. */
    record Looked(String installation, Deployed seen, HealthReading reading) implements AgentEvent {}

    /** The control plane wants all statuses again. */
    record StatusesWanted() implements AgentEvent {}

    /** Somebody on the machine asks how it is. */
    record Asked(CompletableFuture<String> answer) implements AgentEvent {}

    /** A worker looked who holds something of which the machine has one. */
    record LocksSeen(Lease lease, List<LockHolder> holders) implements AgentEvent {}

    /** The machine's owner wants an installation away; the answer says how far that is. */
    record RemovalForced(String installation, CompletableFuture<String> answer) implements AgentEvent {}

    /** The janitor asks what is in use. */
    record Tidying(CompletableFuture<Janitor.InUse> answer) implements AgentEvent {}

    /** The agent's process is to end; commands of handlers go on. */
    record Stop() implements AgentEvent {}
}
