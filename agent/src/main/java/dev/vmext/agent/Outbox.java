package dev.vmext.agent;

import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.status.InstallationStatus;
import org.jspecify.annotations.Nullable;

/** Where the loop's reports go; the link, or a test. Never blocks. */
interface Outbox {
    /** The newest status of an installation; replaces every earlier one that was not sent yet. */
    void report(InstallationStatus status);

    /** The installation is gone for good. */
    void forget(String installation);

    /** What became of an offer: null when it was taken, else why not. */
    void answer(GoalOffer offer, @Nullable String refusal);

    /** Nothing is left to do for an offer that was taken. */
    void applied(GoalOffer offer);

    /** One line about the connection, for people. */
    String describe();
}
