package dev.vmext.agent.plan;

import dev.vmext.agent.journal.Step;
import dev.vmext.packageformat.manifest.Lease;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.InstallationState;
import java.time.Instant;

/** What to do about one installation now. */
public sealed interface Decision {
    /** The installation. */
    String name();

    /** Do this. */
    record Act(String name, Step step) implements Decision {}

    /** Nothing can be done until something else happens; shown as this state with its cause. */
    record Await(String name, InstallationState state, Cause cause) implements Decision {}

    /** Its next step needs this, and nobody knows who has it now: look, then ask again. */
    record Look(String name, Lease lease) implements Decision {}

    /** The target is given up. */
    record GiveUp(String name, InstallationState state, Cause cause) implements Decision {}

    /** Its failed version was held long enough. */
    record Release(String name) implements Decision {}

    /** It waits for its handler's word without an end: this is the end. */
    record Limit(String name, Instant until) implements Decision {}

    /** Nothing is to be done: watch it. */
    record Rest(String name) implements Decision {}

    /** It was removed and nobody asks for it any more. */
    record Drop(String name) implements Decision {}
}
