package dev.vmext.fleet.provider;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a provider may be able to do beyond {@link MachineProvider}: keep the disk of a machine as chains of snapshots, each a full one
 * and increments after it, while the machine runs. Snapshots outlive their machine until {@link #dropAll}. Blocking, any thread; calls
 * for one machine wait for each other. A snapshot is either complete or not there, whatever is killed when.
 */
public interface DiskSnapshots {
    /**
     * What is to be taken.
     *
     * @param id names it; letters, digits and hyphens
     * @param full copy everything, also where an increment would do
     * @param longestChain after that many increments a full one is taken
     */
    record Wish(String id, boolean full, int longestChain) {
        private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{0,63}");

        public Wish {
            requireId(id);
            if (longestChain < 0) {
                throw new IllegalArgumentException("a chain cannot have " + longestChain + " increments");
            }
        }

        /** Ids become folder names. */
        public static String requireId(String id) {
            if (!ID.matcher(id).matches()) {
                throw new IllegalArgumentException("not a snapshot id: " + id);
            }
            return id;
        }
    }

    /** The point in time. Must run what it is given exactly once; may keep the guest from writing while it does. */
    interface Moment {
        void at(Runnable take);
    }

    /** What an examination of a chain found, each fault a sentence; empty when all of it is as it was written. */
    record Verdict(List<String> faults, long bytesRead) {
        public Verdict {
            faults = List.copyOf(faults);
            Objects.requireNonNull(faults);
        }

        public boolean good() {
            return faults.isEmpty();
        }
    }

    /**
     * Takes a snapshot of a machine that runs or is off. An increment where the provider has a whole record of what was written since
     * the newest snapshot, else a full one that says why. Throws when it did not come about; then nothing of it is left.
     */
    DiskSnapshot take(String machineId, Wish wish, Moment moment);

    /** The complete ones, oldest first; also of a machine that is gone. */
    List<DiskSnapshot> snapshots(String machineId);

    /** Reads the snapshot and all that it builds on. Throws UNKNOWN_SNAPSHOT when there is none. */
    Verdict verify(String machineId, String snapshotId);

    /**
     * Puts the machine's disk back to the snapshot. The machine is off afterwards. The chain is verified first; when this throws, the
     * machine has the disk that it had.
     *
     * @param seed for a guest that has to introduce itself anew
     */
    void restore(String machineId, String snapshotId, Optional<SeedFiles> seed);

    /**
     * As {@link MachineProvider#create}, with the disk of another machine's snapshot instead of an image. A machine that exists under
     * this id is deleted first, once the chain was verified.
     */
    void createFrom(MachineSpec spec, String fromMachineId, String snapshotId, Progress progress);

    /** Deletes a snapshot on which no other builds; otherwise throws CONFLICT. Does nothing when there is none. */
    void drop(String machineId, String snapshotId);

    /** Deletes all snapshots of a machine. */
    void dropAll(String machineId);

    /** Clears away what an earlier process left unfinished. */
    void settle(String machineId);
}
