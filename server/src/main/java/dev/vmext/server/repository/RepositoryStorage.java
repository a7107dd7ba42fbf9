package dev.vmext.server.repository;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where the files of repositories lie, in a layout that the real program reads too. Never changes a file that is there; knows neither
 * quotas nor who may do what: that is {@link RepositoryFiles}. Implementations are thread-safe.
 */
public interface RepositoryStorage extends AutoCloseable {
    /** A file, its size, and when it was complete by the storage's clock. */
    record Entry(String name, long size, Instant at) {}

    /** Takes what a listing finds. */
    @FunctionalInterface
    interface Each {
        void entry(Entry entry) throws IOException;
    }

    /** For people: what and where it is, without secrets. */
    String describe();

    /** Whether each look costs time and money, so that what is known is not asked for again. */
    boolean remote();

    /** What the real program needs to open this repository. */
    Restic.Place address(RepositoryPlace place, String password);

    /** Whether this address, as restic writes it, would be lost together with this storage, as far as one can see. */
    boolean holds(String location);

    /** Makes room for a repository; what is there stays. */
    void create(RepositoryPlace place) throws IOException;

    OptionalLong size(FileName file) throws IOException;

    /** The content from this byte on, which is not beyond the end. Throws {@link NoSuchFileException} when there is none. */
    InputStream open(FileName file, long from) throws IOException;

    /** All files of a kind, in no order; nothing of a repository that was never made, and no files that are not restic's. */
    void list(RepositoryPlace place, FileKind kind, Each each) throws IOException;

    /** What all of the repository takes. */
    long bytes(RepositoryPlace place) throws IOException;

    /**
     * Gives a whole file its name: all of it is there afterwards, whatever happens, or nothing. False, and nothing changes, when something
     * has that name. Throws {@link NoSuchFileException} when the repository was never made.
     *
     * @param machineId who brings it; remembered for locks
     */
    boolean add(FileName file, Path whole, String machineId) throws IOException;

    /** The machine that brought a lock; empty for one that the control plane made, and when there is none. */
    Optional<String> broughtBy(FileName lock) throws IOException;

    /** Nothing happens when it is not there. */
    void deleteLock(FileName lock) throws IOException;

    /** Deletes all of a repository; it is none any more from the first moment on. */
    void delete(RepositoryPlace place) throws IOException;

    @Override
    void close();
}
