package dev.vmext.server.repository.s3;

import dev.vmext.server.repository.FileKind;
import dev.vmext.server.repository.FileName;
import dev.vmext.server.repository.OwnFolders;
import dev.vmext.server.repository.RepositoryPlace;
import dev.vmext.server.repository.RepositoryStorage;
import dev.vmext.server.repository.Restic;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Repositories in a bucket, in the layout of restic's S3 backend. A file is put whole, one of a name at a time, in one request that the
 * store refuses when it has the name; for a store that does not know such requests this process looks first. The machine that brought a lock
 * is in the metadata of its object, so that both come and go in one. Thread-safe.
 *
 * <pre>
 *   PREFIX/MACHINE/INSTALLATION/  config, keys/, data/xx/, index/, snapshots/, locks/
 *   PREFIX/.trial/                an object that {@link S3Trial} puts and deletes
 * </pre>
 */
public final class S3Storage implements RepositoryStorage {
    private static final System.Logger LOG = System.getLogger(S3Storage.class.getName());
    private static final String BROUGHT_BY = "vmext-machine";
    private static final int STRIPES = 1024;
    /** Requests under way while a repository is deleted. */
    private static final int DELETING = 16;

    private final S3Settings settings;
    private final S3Credentials credentials;
    private final S3Store store;
    private final Path incoming;
    private final Supplier<String> freshNames;
    private final Runnable reached;
    private final Set<RepositoryPlace> made = ConcurrentHashMap.newKeySet();
    private final ReentrantLock[] names = new ReentrantLock[STRIPES];
    /** Null for as long as the store did not answer. */
    private @Nullable Boolean refusesToOverwrite;

    private S3Storage(
            S3Settings settings,
            S3Credentials credentials,
            Path incoming,
            Supplier<String> freshNames,
            Runnable reached) {
        this.settings = settings;
        this.credentials = credentials;
        this.store = new S3Store(settings, credentials);
        this.incoming = incoming;
        this.freshNames = freshNames;
        this.reached = reached;
        for (int i = 0; i < STRIPES; i++) {
            names[i] = new ReentrantLock();
        }
    }

    /**
     * Opens the store and tries it. One that refuses is an error; one that does not answer is tried again at the first upload, because the
     * control plane has more to do than backups.
     *
     * @param incoming a folder of this host for files under way; made when it is not there
     * @param freshNames gives names that were never given before
     * @param reached called once, when the store has shown that it can be used
     */
    public static S3Storage open(
            S3Settings settings,
            S3Credentials credentials,
            Path incoming,
            Supplier<String> freshNames,
            Runnable reached)
            throws IOException {
        OwnFolders.make(incoming);
        S3Storage storage = new S3Storage(settings, credentials, incoming, freshNames, reached);
        boolean usable = false;
        try {
            storage.refusesToOverwrite();
            usable = true;
        } catch (IOException e) {
            usable = true;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The repositories in {0} cannot be reached; backups fail until they can: {1}",
                    settings.location(),
                    e.getMessage());
        } finally {
            if (!usable) {
                storage.close();
            }
        }
        return storage;
    }

    /** As if the store did not know the condition; for tests of what is done then. */
    static S3Storage looking(
            S3Settings settings, S3Credentials credentials, Path incoming, Supplier<String> freshNames) {
        S3Storage storage = new S3Storage(settings, credentials, incoming, freshNames, () -> {});
        storage.refusesToOverwrite = false;
        return storage;
    }

    private synchronized boolean refusesToOverwrite() throws IOException {
        Boolean known = refusesToOverwrite;
        if (known == null) {
            known = new S3Trial(store, settings).run(incoming.resolve(freshNames.get()));
            refusesToOverwrite = known;
            reached.run();
            if (!known) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "The store {0} does not refuse to overwrite (If-None-Match); this server looks first instead,"
                                + " which protects from machines but not from another program with the same credentials",
                        settings.location());
            }
        }
        return known;
    }

    private String before(RepositoryPlace place) {
        return settings.before() + place + "/";
    }

    private String key(FileName file) {
        return before(file.place()) + file.path();
    }

    @Override
    public String describe() {
        return settings.location();
    }

    @Override
    public boolean remote() {
        return true;
    }

    @Override
    public Restic.Place address(RepositoryPlace place, String password) {
        return new Restic.Place(
                settings.location() + "/" + place,
                password,
                Map.of(
                        S3Credentials.ACCESS_KEY,
                        credentials.accessKey(),
                        S3Credentials.SECRET_KEY,
                        credentials.secretKey(),
                        "AWS_DEFAULT_REGION",
                        settings.region()),
                // By itself restic puts the bucket into the host's name for Amazon and into the path for all others.
                settings.pathStyle() ? List.of() : List.of("s3.bucket-lookup=dns"));
    }

    @Override
    public boolean holds(String location) {
        String bucket = settings.endpoint().getAuthority() + "/" + settings.bucket();
        String wanted = location.toLowerCase(Locale.ROOT).replaceFirst("^s3:(https?:)?(//)?", "");
        return location.startsWith("s3:") && (wanted + "/").startsWith(bucket.toLowerCase(Locale.ROOT) + "/");
    }

    @Override
    public void create(RepositoryPlace place) {
        // A bucket has no folders; the first file will show that there is a repository.
        made.add(place);
    }

    private boolean isMade(RepositoryPlace place) throws IOException {
        if (!made.contains(place) && store.hasAny(before(place))) {
            made.add(place);
        }
        return made.contains(place);
    }

    @Override
    public OptionalLong size(FileName file) throws IOException {
        return store.head(key(file))
                .map(found -> OptionalLong.of(found.contentLength()))
                .orElseGet(OptionalLong::empty);
    }

    @Override
    public InputStream open(FileName file, long from) throws IOException {
        return store.open(key(file), from);
    }

    @Override
    public void list(RepositoryPlace place, FileKind kind, Each each) throws IOException {
        if (kind == FileKind.CONFIG) {
            return;
        }
        store.list(before(place) + kind.folder() + "/", found -> {
            String name = found.key().substring(found.key().lastIndexOf('/') + 1);
            if (FileName.isName(name)) {
                each.entry(new Entry(name, found.size(), found.lastModified()));
            }
        });
    }

    @Override
    public long bytes(RepositoryPlace place) throws IOException {
        long[] sum = {0};
        store.list(before(place), found -> sum[0] += found.size());
        return sum[0];
    }

    @Override
    public boolean add(FileName file, Path whole, String machineId) throws IOException {
        String key = key(file);
        if (!isMade(file.place())) {
            throw new NoSuchFileException(key);
        }
        Map<String, String> metadata = file.kind() == FileKind.LOCKS ? Map.of(BROUGHT_BY, machineId) : Map.of();
        boolean refuses = refusesToOverwrite();
        // Also for a store that refuses by itself: not each that does is exact about requests of the same moment.
        ReentrantLock name = names[Math.floorMod(key.hashCode(), STRIPES)];
        name.lock();
        try {
            return refuses
                    ? store.put(key, whole, metadata, true)
                    : store.head(key).isEmpty() && store.put(key, whole, metadata, false);
        } finally {
            name.unlock();
        }
    }

    @Override
    public Optional<String> broughtBy(FileName lock) throws IOException {
        return store.head(key(lock))
                .flatMap(found -> Optional.ofNullable(found.metadata().get(BROUGHT_BY)));
    }

    @Override
    public void deleteLock(FileName lock) throws IOException {
        store.delete(key(lock));
    }

    @Override
    public void delete(RepositoryPlace place) throws IOException {
        made.remove(place);
        // Without it the rest is no repository any more, also when this breaks off.
        store.delete(key(new FileName(place, FileKind.CONFIG, "")));
        List<String> keys = new ArrayList<>();
        store.list(before(place), found -> keys.add(found.key()));
        try (ExecutorService deleting =
                Executors.newFixedThreadPool(DELETING, Thread.ofVirtual().factory())) {
            List<Future<?>> all = new ArrayList<>();
            for (String key : keys) {
                all.add(deleting.submit(() -> {
                    store.delete(key);
                    return true;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("not all of " + before(place) + " could be deleted: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the control plane stops; not all of " + before(place) + " was deleted", e);
        }
    }

    @Override
    public void close() {
        store.close();
    }
}
