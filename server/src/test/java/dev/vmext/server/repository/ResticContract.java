package dev.vmext.server.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.vmext.protocol.api.RepositoryPolicy;
import dev.vmext.server.repository.Restic.Place;
import dev.vmext.server.repository.Restic.Snapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every restic does, the real one and the fake. */
abstract class ResticContract {
    private static final RepositoryPolicy KEEP_ONE = new RepositoryPolicy(
            1, 0, 0, 0, 0, 0, "", null, null, null, null, null, null, null, null, null, null, null, null);

    @TempDir
    Path folder;

    private Restic restic;
    private Place here;

    /** The one to look at. */
    abstract Restic restic() throws Exception;

    abstract void initialise(Place place) throws Exception;

    /** Backs up one file of this absolute path and content. */
    abstract void backUp(Place place, Path file, String content) throws Exception;

    /** Changes something in the repository that belongs to its data. */
    abstract void damage(Place place) throws Exception;

    @BeforeEach
    void make() throws Exception {
        restic = restic();
        here = place("here");
        initialise(here);
    }

    /** Where a repository of that name may be. */
    Place place(String name) {
        return new Place(folder.resolve(name).toString(), "word", Map.of());
    }

    private Path file() {
        return folder.resolve("source/file");
    }

    @Test
    void listsSnapshotsOldestFirstAndRestoresEach() throws Exception {
        assertThat(restic.snapshots(here)).isEmpty();
        backUp(here, file(), "one");
        backUp(here, file(), "number two");
        List<Snapshot> all = restic.snapshots(here);

        assertThat(all).hasSize(2);
        assertThat(all.get(0).view().time()).isBeforeOrEqualTo(all.get(1).view().time());
        assertThat(all.get(0).view().id())
                .hasSize(64)
                .isNotEqualTo(all.get(1).view().id());
        assertThat(restic.restoreSize(here, all.get(1).view().id())).isEqualTo(10);
        Path into = Files.createDirectory(folder.resolve("into"));
        Restic.Restored restored = restic.restore(here, all.get(0).view().id(), List.of(), into);
        assertThat(restored).isEqualTo(new Restic.Restored(1, 3));
        assertThat(into.resolve(file().toString().substring(1))).hasContent("one");
        Path part = Files.createDirectory(folder.resolve("part"));
        assertThat(restic.restore(here, "latest", List.of("/nowhere"), part).files())
                .isZero();
    }

    @Test
    void forgetsWhatIsNotKept() throws Exception {
        backUp(here, file(), "one");
        backUp(here, file(), "two");
        restic.forget(here, KEEP_ONE);

        assertThat(restic.snapshots(here)).hasSize(1);
        restic.check(here, 100);
        Path into = Files.createDirectory(folder.resolve("into"));
        restic.restore(here, "latest", List.of(), into);
        assertThat(into.resolve(file().toString().substring(1))).hasContent("two");
    }

    @Test
    void aCopyHasAllAndASecondOneAddsOnlyWhatIsNew() throws Exception {
        Place there = place("there");
        backUp(here, file(), "one");
        restic.copy(here, there);
        backUp(here, file(), "two");
        restic.copy(here, there);
        restic.copy(here, there);

        assertThat(restic.snapshots(there))
                .extracting(Snapshot::mark)
                .containsExactlyElementsOf(
                        restic.snapshots(here).stream().map(Snapshot::mark).toList());
        Path into = Files.createDirectory(folder.resolve("into"));
        restic.restore(there, "latest", List.of(), into);
        assertThat(into.resolve(file().toString().substring(1))).hasContent("two");
    }

    @Test
    void saysWhatIsWrong() throws Exception {
        assertThat(catchThrowableOfType(ResticException.class, () -> restic.snapshots(place("nowhere")))
                        .kind())
                .isEqualTo(ResticException.Kind.NO_REPOSITORY);
        assertThat(catchThrowableOfType(
                                ResticException.class,
                                () -> restic.snapshots(new Place(here.location(), "another", here.environment())))
                        .kind())
                .isEqualTo(ResticException.Kind.FAILED);
        backUp(here, file(), "one");
        restic.check(here, 100);
        damage(here);
        assertThat(catchThrowableOfType(ResticException.class, () -> restic.check(here, 100))
                        .kind())
                .isEqualTo(ResticException.Kind.DAMAGED);
    }
}
