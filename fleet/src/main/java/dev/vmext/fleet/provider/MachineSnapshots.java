package dev.vmext.fleet.provider;

/** What a provider may be able to do beyond {@link MachineProvider}: keep memory and disk of a running machine and return to them. */
public interface MachineSnapshots {
    /** Keeps memory and disk of the running machine under this tag (letters, digits, dash); a tag that exists is replaced. */
    void snapshotSave(String machineId, String tag);

    /**
     * Puts the running machine back to what was kept. The guest continues as if nothing had happened: its clock shows the
     * time of the save, and its network connections are dead.
     */
    void snapshotLoad(String machineId, String tag);
}
