package dev.vmext.server.repository;

import dev.vmext.protocol.api.RepositoryPolicy;
import dev.vmext.protocol.api.SnapshotView;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The program that knows what is in a repository. Calls last as long as the work does; thread-safe. */
public interface Restic {
    /**
     * A repository and what opens it.
     *
     * @param location as restic writes it
     * @param environment secrets of its storage
     * @param options of restic for its storage, as after {@code -o}
     */
    record Place(String location, String password, Map<String, String> environment, List<String> options) {
        public Place {
            environment = Map.copyOf(environment);
            options = List.copyOf(options);
        }

        public Place(String location, String password, Map<String, String> environment) {
            this(location, password, environment, List.of());
        }

        @Override
        public String toString() {
            return "Place[" + location + "]";
        }
    }

    /**
     * A snapshot with what tells whether two are the same backup.
     *
     * @param tree digest of all that is in it
     */
    record Snapshot(SnapshotView view, String tree) {
        /** Equal for a snapshot and its copy in another repository. */
        public String mark() {
            return view.time() + " " + view.host() + " " + tree;
        }
    }

    /** What a restore wrote. */
    record Restored(long files, long bytes) {}

    /** Oldest first. */
    List<Snapshot> snapshots(Place place) throws ResticException;

    /** Forgets what the policy does not keep and frees its space. Locks of programs that are gone are removed first. */
    void forget(Place place, RepositoryPolicy keep) throws ResticException;

    /** Reads the structure and this much of the data, from 0 to 100. Fails with DAMAGED when something is wrong. */
    void check(Place place, int percentOfData) throws ResticException;

    /** How many bytes a restore of the snapshot writes. */
    long restoreSize(Place place, String snapshot) throws ResticException;

    /**
     * Restores into an empty folder.
     *
     * @param include absolute paths as they are in the snapshot; empty for all
     */
    Restored restore(Place place, String snapshot, List<String> include, Path into) throws ResticException;

    /** Copies what the other place lacks, and makes the other place the first time. What was copied before a failure stays. */
    void copy(Place from, Place to) throws ResticException;
}
