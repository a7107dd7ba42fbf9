package dev.vmext.extensionkit;

/**
 * What an extension does for each command of the contract. Every command may be run again after a crash or by an agent that
 * lost the answer, so each must be safe to repeat. A command that cannot do its work throws {@link HandlerException}.
 */
public interface Handler {
    /** Brings what the extension needs onto the machine. Settings should not be needed yet. */
    default void install(HandlerContext context) {}

    /**
     * Applies the settings and answers with the final status. An {@code ERROR} status means that the handler worked and the
     * thing it looks after failed; the process still ends with 0, as agents expect. A {@code TRANSITIONING} status means that a
     * unit of yours goes on with the work and writes the final status itself. Report it before you start that unit: then it is
     * not written once more, and what the unit has written by then stays.
     */
    Status enable(HandlerContext context);

    /** Runs in the new version, between the old version's disable and uninstall. */
    default void update(HandlerContext context) {}

    default void disable(HandlerContext context) {}

    /** Takes away everything that install and enable made, except the log folder. */
    default void uninstall(HandlerContext context) {}
}
