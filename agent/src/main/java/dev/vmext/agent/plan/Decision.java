package dev.vmext.agent.plan;

import dev.vmext.agent.journal.Step;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.InstallationState;

/** What to do about one installation now. */
public sealed interface Decision {
    /** The installation. */
    String name();

    /** Do this. */
    record Act(String name, Step step) implements Decision {}

    /** Nothing can be done until something else happens; shown as this state with its cause. */
    record Await(String name, InstallationState state, Cause cause) implements Decision {}

    /** The target is given up. */
    record GiveUp(String name, InstallationState state, Cause cause) implements Decision {}

    /** Nothing is to be done: watch it. */
    record Rest(String name) implements Decision {}

    /** It was removed and nobody asks for it any more. */
    record Drop(String name) implements Decision {}
}
