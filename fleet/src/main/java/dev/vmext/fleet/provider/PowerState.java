package dev.vmext.fleet.provider;

/** What a provider observes of a machine. A machine that runs need not be {@code online}: only its agent knows that. */
public enum PowerState {
    /** The provider keeps nothing of this id. */
    ABSENT,
    /** It has a disk and is off. */
    STOPPED,
    RUNNING,
    /** It has power and does not run: paused, crashed, or its host ran out of disk space. */
    PAUSED
}
