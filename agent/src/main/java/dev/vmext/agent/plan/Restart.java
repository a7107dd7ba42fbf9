package dev.vmext.agent.plan;

import dev.vmext.packageformat.manifest.Lease;

/** What is to be done about the restart of the machine that handlers asked for. */
public sealed interface Restart {
    /** Nobody asks for one, or its time has not come. */
    record NotNow() implements Restart {}

    /**
     * Its time has come.
     *
     * @param reason who asked, and why
     */
    record Now(String reason) implements Restart {}

    /** Its time has come but for a stranger who may be using this, and whom a restart would cut off in the middle of it: look, then ask again. */
    record Look(Lease lease) implements Restart {}
}
