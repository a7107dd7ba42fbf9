package dev.vmext.fleet.provider;

import java.util.Set;

/**
 * A place where machines come from. All methods block until the thing is done and may be called from any thread; calls for
 * different machines run side by side, calls for the same machine one after the other. Every method can be repeated: a caller
 * that crashed in the middle calls again and the provider continues from what is really there. What cannot be done is
 * thrown as {@link ProviderProblem}.
 */
public interface MachineProvider {
    /** The word for this provider in machine facts and in an extension's {@code providers} list, such as {@code qemu}. */
    String name();

    /** What this provider is able to do on this host. May take a few seconds the first time. */
    ProviderFacts facts();

    /** Checks everything that can be known before {@link #create}, and changes nothing. Throws when something is missing. */
    void preflight(MachineSpec spec);

    /**
     * Makes the machine and boots it. When it exists already it is only booted if it is off; the seed of a machine that was
     * booted before is never changed. When this throws or the process dies, calling again continues; {@link #delete} clears up.
     */
    void create(MachineSpec spec, Progress progress);

    /** Boots a machine that is off; does nothing when it runs, and resumes one that is paused. */
    void start(String machineId);

    /** Asks the guest to power down and, when it does not within the provider's deadline, switches it off. */
    void stop(String machineId);

    /** Cuts the power: the guest notices nothing until its next boot. */
    void kill(String machineId);

    /** Removes the machine with everything that belongs to it. Does nothing when there is none. */
    void delete(String machineId);

    /** What the machine is doing, observed now and never remembered. */
    PowerState power(String machineId);

    /** The ids of all machines this provider keeps, whether they run or not. */
    Set<String> machines();

    /** The end of what the guest wrote to its console, at most this many bytes of it; empty when it wrote nothing. */
    String console(String machineId, int maxBytes);
}
