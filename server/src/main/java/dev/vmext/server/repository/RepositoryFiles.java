package dev.vmext.server.repository;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.repository.RepositoryStorage.Each;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The files of all repositories, and what may happen to them, wherever they lie. What comes from machines is only ever added: a file is
 * written down here and hashed on the way, and gets its name, which must not exist, when all of it is there. Thread-safe.
 */
public final class RepositoryFiles {
    private final RepositoryStorage storage;
    private final Spool spool;
    private final Map<RepositoryPlace, Tally> tallies = new ConcurrentHashMap<>();

    private RepositoryFiles(RepositoryStorage storage, Spool spool) {
        this.storage = storage;
        this.spool = spool;
    }

    /**
     * Takes the storage, and clears away uploads that a stop of the server cut off.
     *
     * @param incoming a folder of this host for uploads under way
     * @param reserve bytes of its disk that no upload takes, because the control plane itself needs them
     * @param freshNames gives names that were never given before
     */
    public static RepositoryFiles open(
            RepositoryStorage storage, Path incoming, long reserve, Supplier<String> freshNames) throws IOException {
        return new RepositoryFiles(storage, Spool.open(incoming, reserve, freshNames));
    }

    /** The same with all files in a folder. */
    public static RepositoryFiles inFolder(Path root, long reserve, Supplier<String> freshNames) throws IOException {
        Path incoming = root.resolve(".incoming");
        return open(FolderStorage.open(root, incoming, freshNames), incoming, reserve, freshNames);
    }

    /** What the real program needs to open this repository. */
    Restic.Place address(RepositoryPlace place, String password) {
        return storage.address(place, password);
    }

    /** Whether this address, as restic writes it, would be lost together with these files. */
    boolean holds(String location) {
        return storage.holds(location);
    }

    private Tally tally(RepositoryPlace place) {
        return tallies.computeIfAbsent(place, fresh -> new Tally());
    }

    /** Makes room for it; what is there stays. */
    public void create(RepositoryPlace place) {
        try {
            storage.create(place);
        } catch (IOException e) {
            throw unusable(place, e);
        }
    }

    public OptionalLong size(FileName file) {
        try {
            return storage.size(file);
        } catch (IOException e) {
            throw unusable(file.place(), e);
        }
    }

    public InputStream open(FileName file, long from) throws IOException {
        return storage.open(file, from);
    }

    /** All files of a kind, in no order; nothing of a repository that was never made. */
    public void list(RepositoryPlace place, FileKind kind, Each each) throws IOException {
        storage.list(place, kind, each);
    }

    /**
     * Adds a file; the same file again changes nothing.
     *
     * @param length as announced; negative when it was not
     * @param quota bytes that the repository may take, 0 for no limit
     * @param machineId who brings it
     */
    public void add(FileName file, InputStream content, long length, long quota, String machineId) {
        refuseLarge(file, length);
        refuseSecondKey(file);
        Tally tally = tally(file.place());
        Path fresh = spool.fresh();
        Counted counted = new Counted(file, tally, quota);
        boolean kept = false;
        try {
            counted.reserve(length);
            String hash = Spool.receive(content, fresh, length, size -> {
                refuseLarge(file, size);
                counted.reserve(size);
            });
            if (file.kind() != FileKind.CONFIG && !hash.equals(file.name())) {
                throw new ProblemException(
                        ProblemCode.REPOSITORY_DIGEST_MISMATCH,
                        "cannot take " + file + ": what came has the SHA-256 " + hash,
                        "send it again; if that happens each time, look for what changes it on the way");
            }
            kept = name(file, fresh, machineId);
            if (file.kind() == FileKind.DATA) {
                tally.refused(null);
            } else if (file.kind() == FileKind.SNAPSHOTS) {
                tally.snapshotCame();
            }
        } catch (ProblemException e) {
            throw noted(tally, e);
        } catch (IOException e) {
            throw noted(tally, failed(file, e));
        } finally {
            counted.ended(kept);
            Spool.delete(fresh);
        }
    }

    private static ProblemException noted(Tally tally, ProblemException e) {
        if (e.problem().code().equals(ProblemCode.REPOSITORY_FULL.wire())) {
            tally.refused(e.detail());
        }
        return e;
    }

    /** Why the last upload of data was refused for want of space, if it was. */
    public Optional<String> refusedForSpace(RepositoryPlace place) {
        return tally(place).refused();
    }

    private static void refuseLarge(FileName file, long length) {
        if (length > file.kind().limit()) {
            throw new ProblemException(
                    ProblemCode.REQUEST_TOO_LARGE,
                    "cannot take " + file + ": it is larger than " + file.kind().limit() + " bytes",
                    "use smaller packs (restic --pack-size)");
        }
    }

    /** A program that opens a repository tries a few keys and then gives up: nobody may push the real one out of sight. */
    private void refuseSecondKey(FileName file) {
        if (file.kind() != FileKind.KEYS || size(file).isPresent()) {
            return;
        }
        boolean[] hasOne = {false};
        try {
            list(file.place(), FileKind.KEYS, key -> hasOne[0] = true);
        } catch (IOException e) {
            throw unusable(file.place(), e);
        }
        if (hasOne[0]) {
            throw appendOnly("add another key to the repository", "it has the one that the control plane made");
        }
    }

    /** Bytes of one upload, held against quota and disk as they come. */
    private final class Counted {
        private final FileName file;
        private final Tally tally;
        private final long quota;
        private long taken;

        Counted(FileName file, Tally tally, long quota) {
            this.file = file;
            this.tally = tally;
            this.quota = quota;
        }

        /** Makes sure that so many bytes in all may come. */
        void reserve(long whole) throws IOException {
            if (whole <= taken) {
                return;
            }
            long more = whole - taken;
            long after = tally.comes(more, () -> storage.bytes(file.place()));
            taken = whole;
            if (quota > 0 && after > quota && file.kind() != FileKind.LOCKS) {
                throw new ProblemException(
                        ProblemCode.REPOSITORY_FULL,
                        "cannot take " + file + ": the repository would hold " + after + " bytes, and its quota is "
                                + quota,
                        "raise quotaMiB of the repository, or keep fewer snapshots and prune it");
            }
            if (!spool.hasRoom(more)) {
                throw fullDisk(file);
            }
        }

        void ended(boolean kept) {
            tally.came(taken, kept);
            taken = 0;
        }
    }

    private static ProblemException fullDisk(FileName file) {
        return new ProblemException(
                ProblemCode.REPOSITORY_FULL,
                "cannot take " + file + ": the disk of the control plane is full",
                "free space there, or keep fewer snapshots and prune its repositories");
    }

    /** Gives the file its name, unless something has it; false when the same content had it already. */
    private boolean name(FileName file, Path fresh, String machineId) throws IOException {
        try {
            boolean added = storage.add(file, fresh, machineId);
            if (!added && file.kind() == FileKind.CONFIG && !same(file, fresh)) {
                throw appendOnly("replace the configuration of the repository", "it has one");
            }
            return added;
        } catch (NoSuchFileException e) {
            throw new ProblemException(
                    ProblemCode.REPOSITORY_NOT_FOUND,
                    "cannot take " + file + ": the repository was not made yet",
                    "make it first: restic init");
        }
    }

    private boolean same(FileName small, Path fresh) throws IOException {
        try (InputStream there = storage.open(small, 0)) {
            return Arrays.equals(there.readAllBytes(), Files.readAllBytes(fresh));
        }
    }

    /** Says what is refused and why. */
    public static ProblemException appendOnly(String what, String why) {
        return new ProblemException(
                ProblemCode.REPOSITORY_APPEND_ONLY,
                "cannot " + what + ": " + why,
                "machines only add to their repositories; old snapshots go by the policy of the repository"
                        + " (vmext repository set)");
    }

    private ProblemException failed(FileName file, IOException e) {
        try {
            if (spool.full()) {
                return fullDisk(file);
            }
        } catch (IOException unknown) {
            e.addSuppressed(unknown);
        }
        return new ProblemException(
                ProblemCode.REPOSITORY_WORK_FAILED,
                "cannot take " + file + ": " + e.getMessage(),
                "send it again; if that does not help, look at the log of the control plane",
                e);
    }

    private ProblemException unusable(RepositoryPlace place, IOException e) {
        return new ProblemException(
                ProblemCode.REPOSITORY_WORK_FAILED,
                "cannot use repository " + place + " in " + storage.describe() + ": " + e.getMessage(),
                "see that the control plane can read and write there",
                e);
    }

    /** Deletes a lock that this machine brought; false when there is none. Locks of the control plane and of other machines stay. */
    public boolean deleteLock(FileName lock, String machineId) {
        if (lock.kind() != FileKind.LOCKS) {
            throw appendOnly("delete " + lock, "it belongs to the backups");
        }
        OptionalLong size = size(lock);
        if (size.isEmpty()) {
            return false;
        }
        try {
            if (!storage.broughtBy(lock).equals(Optional.of(machineId))) {
                throw appendOnly("delete " + lock, "it is the lock of somebody else");
            }
            storage.deleteLock(lock);
            tally(lock.place()).gone(size.getAsLong());
            return true;
        } catch (IOException e) {
            throw unusable(lock.place(), e);
        }
    }

    /** What the repository takes where it lies, uploads under way included. */
    public long bytes(RepositoryPlace place) {
        try {
            return tally(place).bytes(() -> storage.bytes(place));
        } catch (IOException e) {
            throw unusable(place, e);
        }
    }

    /** Somebody else worked on the files: they are counted anew. */
    public void changed(RepositoryPlace place) {
        tally(place).forget();
    }

    /** How many snapshots there are, and when the newest was complete by the clock of the storage. */
    public record Snapshots(int count, @Nullable Instant newest) {}

    public Snapshots snapshots(RepositoryPlace place) {
        int count = 0;
        Instant newest = null;
        for (Instant at : arrivals(place).values()) {
            count++;
            newest = newest == null || at.isAfter(newest) ? at : newest;
        }
        return new Snapshots(count, newest);
    }

    /** When each snapshot was complete, by its id. */
    public Map<String, Instant> arrivals(RepositoryPlace place) {
        Tally.Look<Map<String, Instant>> look = () -> {
            Map<String, Instant> at = new HashMap<>();
            storage.list(place, FileKind.SNAPSHOTS, entry -> at.put(entry.name(), entry.at()));
            return Map.copyOf(at);
        };
        try {
            return storage.remote() ? tally(place).arrivals(look) : look.look();
        } catch (IOException e) {
            throw unusable(place, e);
        }
    }

    /** Whether anything was ever put in it. */
    public boolean initialised(RepositoryPlace place) {
        Tally.Look<Boolean> look =
                () -> storage.size(new FileName(place, FileKind.CONFIG, "")).isPresent();
        try {
            return storage.remote() ? tally(place).initialised(look) : look.look();
        } catch (IOException e) {
            throw unusable(place, e);
        }
    }

    /** Whether the storage answers at all, with or without this repository in it. */
    boolean answers(RepositoryPlace place) {
        try {
            storage.size(new FileName(place, FileKind.CONFIG, ""));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Gives back what the storage holds open. */
    public void close() {
        storage.close();
    }

    /** Deletes all of it. */
    public void delete(RepositoryPlace place) {
        try {
            storage.delete(place);
        } catch (IOException e) {
            throw unusable(place, e);
        } finally {
            tallies.remove(place);
        }
    }
}
