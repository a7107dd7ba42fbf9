package dev.vmext.server.repository.testing;

import dev.vmext.protocol.api.RepositoryPolicy;
import dev.vmext.protocol.api.SnapshotView;
import dev.vmext.server.repository.Restic;
import dev.vmext.server.repository.ResticException;
import dev.vmext.server.repository.ResticException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Remembers snapshots in maps, by location. Of the policy it knows keepLast alone, and is strict about it. Thread-safe: one lock. */
public final class FakeRestic implements Restic {
    private final Map<String, Repository> repositories = new TreeMap<>();
    private int made;
    private @Nullable ResticException failure;

    private static final class Repository {
        private final String password;
        private final List<Taken> snapshots = new ArrayList<>();
        private boolean damaged;

        Repository(String password) {
            this.password = password;
        }
    }

    private record Taken(Snapshot snapshot, Map<String, String> files) {}

    /** Makes the repository when it is not there. */
    public synchronized void initialise(Place place) {
        repositories.putIfAbsent(place.location(), new Repository(place.password()));
    }

    /** What a machine would do: a snapshot of these files, by absolute path. */
    public synchronized void backUp(Place place, Instant at, Map<String, String> files) throws ResticException {
        made++;
        String id = HexFormat.of().toHexDigits(made).repeat(8);
        SnapshotView view = new SnapshotView(id, at, "host", List.copyOf(new TreeMap<>(files).keySet()), List.of());
        open(place).snapshots.add(new Taken(new Snapshot(view, "tree " + files.hashCode()), Map.copyOf(files)));
    }

    /** From now on checks find something. */
    public synchronized void damage(Place place) throws ResticException {
        open(place).damaged = true;
    }

    /** The next call, whatever it is, fails so; null for none. */
    public synchronized void fail(@Nullable ResticException next) {
        failure = next;
    }

    private Repository open(Place place) throws ResticException {
        ResticException wanted = failure;
        if (wanted != null) {
            failure = null;
            throw wanted;
        }
        Repository found = repositories.get(place.location());
        if (found == null) {
            throw new ResticException(Kind.NO_REPOSITORY, "there is no repository at " + place.location());
        }
        if (!found.password.equals(place.password())) {
            throw new ResticException(Kind.FAILED, "wrong password");
        }
        return found;
    }

    private Taken find(Place place, String snapshot) throws ResticException {
        List<Taken> all = open(place).snapshots;
        if (snapshot.equals("latest") && !all.isEmpty()) {
            return all.getLast();
        }
        return all.stream()
                .filter(one -> one.snapshot().view().id().equals(snapshot))
                .findFirst()
                .orElseThrow(() -> new ResticException(Kind.FAILED, "no snapshot " + snapshot));
    }

    @Override
    public synchronized List<Snapshot> snapshots(Place place) throws ResticException {
        return open(place).snapshots.stream().map(Taken::snapshot).toList();
    }

    @Override
    public synchronized void forget(Place place, RepositoryPolicy keep) throws ResticException {
        List<Taken> all = open(place).snapshots;
        Integer last = keep.keepLast();
        if (last == null || last < 1) {
            throw new ResticException(Kind.FAILED, "the fake knows keepLast alone");
        }
        while (all.size() > last) {
            all.removeFirst();
        }
    }

    @Override
    public synchronized void check(Place place, int percentOfData) throws ResticException {
        if (open(place).damaged) {
            throw new ResticException(Kind.DAMAGED, "something is wrong");
        }
    }

    @Override
    public synchronized long restoreSize(Place place, String snapshot) throws ResticException {
        return find(place, snapshot).files().values().stream()
                .mapToLong(text -> text.getBytes(StandardCharsets.UTF_8).length)
                .sum();
    }

    @Override
    public synchronized Restored restore(Place place, String snapshot, List<String> include, Path into)
            throws ResticException {
        long files = 0;
        long bytes = 0;
        for (Map.Entry<String, String> file : find(place, snapshot).files().entrySet()) {
            if (include.isEmpty() || include.stream().anyMatch(file.getKey()::startsWith)) {
                Path target = into.resolve(file.getKey().substring(1));
                try {
                    Files.createDirectories(target.resolveSibling(""));
                    Files.writeString(target, file.getValue());
                } catch (IOException e) {
                    throw new ResticException(Kind.FAILED, "cannot write: " + e.getMessage(), e);
                }
                files++;
                bytes += file.getValue().getBytes(StandardCharsets.UTF_8).length;
            }
        }
        return new Restored(files, bytes);
    }

    @Override
    public synchronized void copy(Place from, Place to) throws ResticException {
        List<Taken> all = open(from).snapshots;
        initialise(to);
        List<Taken> there = open(to).snapshots;
        for (Taken one : all) {
            boolean known = there.stream()
                    .anyMatch(other ->
                            other.snapshot().mark().equals(one.snapshot().mark()));
            if (!known) {
                made++;
                SnapshotView view = one.snapshot().view();
                there.add(new Taken(
                        new Snapshot(
                                new SnapshotView(
                                        HexFormat.of().toHexDigits(made).repeat(8),
                                        view.time(),
                                        view.host(),
                                        view.paths(),
                                        view.tags()),
                                one.snapshot().tree()),
                        one.files()));
            }
        }
    }
}
