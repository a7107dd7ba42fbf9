package dev.vmext.server.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.vmext.protocol.Digest;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every storage of repositories does, and that the rules for what comes from machines hold on it. */
public abstract class RepositoryStorageContract {
    private static final String MACHINE = "11111111-2222-3333-4444-555555555555";
    private static final String OTHER = "99999999-2222-3333-4444-555555555555";

    @TempDir
    Path folder;

    private RepositoryStorage storage;
    private RepositoryFiles files;
    private RepositoryPlace place;
    private Path incoming;

    /**
     * The one to look at.
     *
     * @param incoming a folder that is there
     */
    protected abstract RepositoryStorage storage(Path folder, Path incoming) throws Exception;

    /** Puts a file there past the storage, as the operator or restic itself may. */
    protected abstract void putByHand(Path folder, RepositoryPlace place, String path, String content) throws Exception;

    @BeforeEach
    void open() throws Exception {
        incoming = Files.createDirectory(folder.resolve("incoming"));
        storage = storage(folder, incoming);
        files = RepositoryFiles.open(storage, incoming, 0, RepositoryStorageContract::fresh);
        // The same storage may serve all tests.
        place = new RepositoryPlace(MACHINE, "i" + fresh());
    }

    @AfterEach
    void close() {
        files.close();
    }

    protected static String fresh() {
        return UUID.randomUUID().toString();
    }

    private FileName config() {
        return new FileName(place, FileKind.CONFIG, "");
    }

    private FileName named(FileKind kind, String content) {
        return new FileName(
                place, kind, Digest.of(content.getBytes(StandardCharsets.UTF_8)).hex());
    }

    private boolean add(FileName file, String content, String machine) throws IOException {
        Path whole = Files.writeString(incoming.resolve(fresh()), content);
        try {
            return storage.add(file, whole, machine);
        } finally {
            Files.delete(whole);
        }
    }

    private String read(FileName file, long from) throws IOException {
        try (InputStream in = storage.open(file, from)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private List<String> names(FileKind kind) throws IOException {
        List<String> names = new ArrayList<>();
        storage.list(place, kind, entry -> names.add(entry.name()));
        return names;
    }

    @Test
    void aFileIsThereOnceAndForever() throws Exception {
        storage.create(place);
        FileName pack = named(FileKind.DATA, "a pack");

        assertThat(add(pack, "a pack", MACHINE)).isTrue();
        assertThat(add(pack, "something else", MACHINE)).isFalse();

        assertThat(storage.size(pack)).hasValue(6);
        assertThat(read(pack, 0)).isEqualTo("a pack");
        assertThat(read(pack, 2)).isEqualTo("pack");
        storage.create(place);
        assertThat(read(pack, 0)).isEqualTo("a pack");
    }

    @Test
    void ofManyThatBringTheSameNameAtOnceOneWins() throws Exception {
        storage.create(place);
        List<Future<Boolean>> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                String content = "by " + i;
                all.add(threads.submit(() -> add(config(), content, MACHINE)));
            }
        }

        List<String> winners = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).get()) {
                winners.add("by " + i);
            }
        }
        assertThat(winners).containsExactly(read(config(), 0));
    }

    @Test
    void ofARepositoryThatWasNeverMadeThereIsNothing() throws Exception {
        assertThat(storage.size(config())).isEmpty();
        assertThat(names(FileKind.DATA)).isEmpty();
        assertThat(names(FileKind.SNAPSHOTS)).isEmpty();
        assertThat(storage.bytes(place)).isZero();
        assertThat(storage.broughtBy(named(FileKind.LOCKS, "a lock"))).isEmpty();
        assertThatThrownBy(() -> read(config(), 0)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> add(config(), "config", MACHINE)).isInstanceOf(NoSuchFileException.class);
        storage.delete(place);
    }

    @Test
    void listsWhatIsResticsOfEachKindWithSizeAndTime() throws Exception {
        storage.create(place);
        add(config(), "config", MACHINE);
        for (FileKind kind : List.of(FileKind.KEYS, FileKind.DATA, FileKind.INDEX, FileKind.SNAPSHOTS)) {
            add(named(kind, "one of " + kind), "one of " + kind, MACHINE);
            add(named(kind, "two of " + kind), "two of " + kind, MACHINE);
        }
        putByHand(folder, place, "snapshots/" + "0".repeat(64) + "-tmp-1", "on its way");

        for (FileKind kind : List.of(FileKind.KEYS, FileKind.DATA, FileKind.INDEX, FileKind.SNAPSHOTS)) {
            assertThat(names(kind))
                    .containsExactlyInAnyOrder(
                            named(kind, "one of " + kind).name(),
                            named(kind, "two of " + kind).name());
        }
        assertThat(names(FileKind.LOCKS)).isEmpty();
        List<RepositoryStorage.Entry> entries = new ArrayList<>();
        storage.list(place, FileKind.INDEX, entries::add);
        assertThat(entries).allSatisfy(entry -> {
            assertThat(entry.size()).isEqualTo("one of INDEX".length());
            assertThat(entry.at()).isAfter("2026-01-01T00:00:00Z");
        });
        assertThat(storage.bytes(place)).isGreaterThan(8L * "one of KEYS".length());
    }

    @Test
    void aListenersFailureComesOutAsItIs() throws Exception {
        storage.create(place);
        add(named(FileKind.KEYS, "key"), "key", MACHINE);
        IOException gone = new IOException("the machine hung up");

        assertThatThrownBy(() -> storage.list(place, FileKind.KEYS, entry -> {
                    throw gone;
                }))
                .isSameAs(gone);
    }

    @Test
    void aLockBelongsToWhoBroughtItFirst() throws Exception {
        storage.create(place);
        FileName lock = named(FileKind.LOCKS, "a lock");
        add(lock, "a lock", MACHINE);
        assertThat(add(lock, "a lock", OTHER)).isFalse();
        assertThat(storage.broughtBy(lock)).hasValue(MACHINE);

        FileName ours = named(FileKind.LOCKS, "of the control plane");
        putByHand(folder, place, ours.path(), "of the control plane");
        assertThat(add(ours, "of the control plane", OTHER)).isFalse();
        assertThat(storage.broughtBy(ours)).isEmpty();

        storage.deleteLock(lock);
        storage.deleteLock(lock);
        assertThat(names(FileKind.LOCKS)).containsExactly(ours.name());
        add(lock, "a lock", OTHER);
        assertThat(storage.broughtBy(lock)).hasValue(OTHER);
    }

    @Test
    void whatIsDeletedIsGoneAndItsNeighbourIsNot() throws Exception {
        RepositoryPlace neighbour = new RepositoryPlace(MACHINE, place.installation() + "2");
        storage.create(place);
        storage.create(neighbour);
        add(config(), "config", MACHINE);
        for (int i = 0; i < 20; i++) {
            add(named(FileKind.DATA, "pack " + i), "pack " + i, MACHINE);
        }
        FileName kept = new FileName(neighbour, FileKind.CONFIG, "");
        add(kept, "theirs", MACHINE);

        storage.delete(place);

        assertThat(storage.size(config())).isEmpty();
        assertThat(storage.bytes(place)).isZero();
        assertThat(read(kept, 0)).isEqualTo("theirs");
        assertThatThrownBy(() -> add(config(), "config", MACHINE)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void knowsWhatWouldBeLostWithIt() {
        String own = storage.address(place, "word").location();

        assertThat(storage.holds(own)).isTrue();
        assertThat(storage.holds("/elsewhere/" + place)).isFalse();
        assertThat(storage.holds("sftp:vault@backup2:/vmext")).isFalse();
        assertThat(storage.holds("s3:https://elsewhere.example/bucket/" + place))
                .isFalse();
    }

    private void bring(FileName file, String content, long quota) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        files.add(file, new ByteArrayInputStream(bytes), bytes.length, quota, MACHINE);
    }

    private static ProblemCode refused(Runnable what) {
        return Objects.requireNonNull(catchThrowableOfType(ProblemException.class, what::run))
                .code();
    }

    @Test
    void anUploadThatBreaksOffOrIsNotWhatItsNameSaysLeavesNothing() throws Exception {
        files.create(place);
        FileName pack = named(FileKind.DATA, "a pack that is sent");
        InputStream broken = new SequenceInputStream(
                new ByteArrayInputStream("a pack".getBytes(StandardCharsets.UTF_8)), new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw new IOException("the machine hung up");
                    }

                    @Override
                    public int read(byte[] into, int from, int length) throws IOException {
                        throw new IOException("the machine hung up");
                    }
                });

        assertThat(refused(() -> files.add(pack, broken, 19, 0, MACHINE)))
                .isEqualTo(ProblemCode.REPOSITORY_WORK_FAILED);
        assertThat(refused(() -> bring(pack, "something else", 0))).isEqualTo(ProblemCode.REPOSITORY_DIGEST_MISMATCH);

        assertThat(storage.bytes(place)).isZero();
        assertThat(files.bytes(place)).isZero();
        assertThat(incoming).isEmptyDirectory();
        bring(pack, "a pack that is sent", 0);
        assertThat(files.bytes(place)).isEqualTo(19);
    }

    @Test
    void theRulesHold() throws Exception {
        assertThat(refused(() -> bring(config(), "config", 0))).isEqualTo(ProblemCode.REPOSITORY_NOT_FOUND);
        files.create(place);
        assertThat(files.initialised(place)).isFalse();
        bring(named(FileKind.KEYS, "key"), "key", 0);
        bring(named(FileKind.KEYS, "key"), "key", 0);
        assertThat(refused(() -> bring(named(FileKind.KEYS, "another"), "another", 0)))
                .isEqualTo(ProblemCode.REPOSITORY_APPEND_ONLY);
        bring(config(), "config", 0);
        bring(config(), "config", 0);
        assertThat(refused(() -> bring(config(), "another", 0))).isEqualTo(ProblemCode.REPOSITORY_APPEND_ONLY);
        assertThat(files.initialised(place)).isTrue();
        assertThat(files.bytes(place)).isEqualTo(9).isEqualTo(storage.bytes(place));

        assertThat(refused(() -> bring(named(FileKind.DATA, "a pack"), "a pack", 14)))
                .isEqualTo(ProblemCode.REPOSITORY_FULL);
        assertThat(files.refusedForSpace(place)).isPresent();
        bring(named(FileKind.DATA, "small"), "small", 14);
        assertThat(files.refusedForSpace(place)).isEmpty();

        assertThat(files.snapshots(place)).isEqualTo(new RepositoryFiles.Snapshots(0, null));
        bring(named(FileKind.SNAPSHOTS, "a snapshot"), "a snapshot", 0);
        assertThat(files.snapshots(place).count()).isEqualTo(1);
        putByHand(folder, place, named(FileKind.SNAPSHOTS, "by hand").path(), "by hand");
        files.changed(place);
        assertThat(files.snapshots(place).count()).isEqualTo(2);
        assertThat(files.bytes(place)).isEqualTo(9 + 5 + 10 + 7);

        FileName lock = named(FileKind.LOCKS, "a lock");
        bring(lock, "a lock", 1);
        files.add(lock, new ByteArrayInputStream("a lock".getBytes(StandardCharsets.UTF_8)), 6, 0, OTHER);
        assertThat(refused(() -> files.deleteLock(lock, OTHER))).isEqualTo(ProblemCode.REPOSITORY_APPEND_ONLY);
        assertThat(refused(() -> files.deleteLock(config(), MACHINE))).isEqualTo(ProblemCode.REPOSITORY_APPEND_ONLY);
        assertThat(files.deleteLock(lock, MACHINE)).isTrue();
        assertThat(files.deleteLock(lock, MACHINE)).isFalse();
        assertThat(files.bytes(place)).isEqualTo(31);
        files.delete(place);
        assertThat(files.initialised(place)).isFalse();
        assertThat(files.bytes(place)).isZero();
    }

    @Test
    void saysWhereItIsWithoutASecret() {
        Restic.Place address = storage.address(place, "pass-word");

        assertThat(address.location()).endsWith("/" + place);
        assertThat(address.toString()).doesNotContain("pass-word");
        for (String secret : address.environment().values()) {
            assertThat(storage.describe() + address).doesNotContain(secret);
        }
        assertThat(Optional.of(storage.describe())).isPresent();
    }
}
