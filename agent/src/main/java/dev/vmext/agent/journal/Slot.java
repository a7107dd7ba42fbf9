package dev.vmext.agent.journal;

/** Which of the two versions an installation may have unpacked. */
public enum Slot {
    /** The one that is, or was last, in charge. */
    CURRENT,
    /** The one that is to take over; becomes current when it is ready. */
    NEXT
}
