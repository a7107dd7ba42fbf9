package dev.vmext.server.provider;

import dev.vmext.fleet.provider.DiskSnapshot;
import dev.vmext.fleet.provider.DiskSnapshots.Moment;
import dev.vmext.fleet.provider.DiskSnapshots.Verdict;
import dev.vmext.fleet.provider.DiskSnapshots.Wish;
import dev.vmext.fleet.provider.ProviderProblem;
import dev.vmext.fleet.provider.ProviderProblem.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Takes, examines and unfolds the snapshots of QEMU's disks. Holds no state: what is there is on disk and in QEMU, and work that an
 * earlier process left is cleared away before new work. The caller sees to it that one thread works on one machine.
 */
final class QemuSnapshots {
    private static final System.Logger LOG = System.getLogger(QemuSnapshots.class.getName());
    /** What stays free in the folder of snapshots: a full one would make QEMU stop the guest. */
    static final long RESERVE = 256L << 20;

    private static final Duration LOOK = Duration.ofMillis(100);
    private static final Duration END_OF_COPY = Duration.ofMinutes(2);
    /** Reading or writing a whole disk on a slow host. */
    private static final Duration WHOLE_DISK = Duration.ofHours(6);

    /** How much room there is where snapshots are kept, in bytes. */
    interface Room {
        long free(Path folder) throws IOException;
    }

    private final HostPrograms programs;
    private final Room room;

    QemuSnapshots(HostPrograms programs, Room room) {
        this.programs = programs;
        this.room = room;
    }

    static long freeOf(Path folder) throws IOException {
        return Files.getFileStore(folder).getUsableSpace();
    }

    /** See {@link dev.vmext.fleet.provider.DiskSnapshots#take}. */
    DiskSnapshot take(MachineFolder machine, SnapshotFolder folder, Wish wish, Moment moment) throws IOException {
        settle(machine, folder);
        Path draft = folder.draft(wish.id());
        boolean running = QemuProcess.find(machine).isPresent();
        try {
            if (running) {
                return take(machine, folder, wish, moment, draft, new QmpDisk(machine.socket()), true);
            }
            try (IdleQemu idle =
                    IdleQemu.start(programs, machine.id(), draft, machine.path().resolve("overlay.qcow2"))) {
                return take(machine, folder, wish, moment, draft, new QmpDisk(idle.socket()), false);
            }
        } finally {
            Folders.delete(draft);
        }
    }

    private DiskSnapshot take(
            MachineFolder machine,
            SnapshotFolder folder,
            Wish wish,
            Moment moment,
            Path draft,
            QmpDisk disk,
            boolean running)
            throws IOException {
        List<SnapshotManifest> all = folder.all();
        Optional<DiskSnapshot> newest =
                all.isEmpty() ? Optional.empty() : Optional.of(all.getLast().snapshot());
        QmpDisk.State state = disk.state();
        String whyFull = whyFull(wish, newest, state, folder);
        Optional<DiskSnapshot> parent = whyFull.isEmpty() ? newest : Optional.empty();
        for (QmpDisk.Bitmap bitmap : state.bitmaps()) {
            if (parent.isEmpty() || !bitmap.snapshot().equals(parent.get().id())) {
                disk.removeBitmap(bitmap.snapshot());
            }
        }
        long expected = parent.flatMap(one -> state.since(one.id()))
                .map(QmpDisk.Bitmap::bytes)
                .orElse(state.stored());
        requireRoom(machine, folder.path(), expected + RESERVE);
        Path file = draft.resolve(SnapshotFolder.DISK);
        makeFile(file, state.length(), parent);
        copy(machine, wish, moment, disk, file, parent);
        checkFile(file);
        DiskSnapshot snapshot = new DiskSnapshot(
                wish.id(),
                parent.map(DiskSnapshot::id),
                parent.map(one -> one.depth() + 1).orElse(0),
                whyFull,
                running,
                state.length(),
                Files.size(file),
                SnapshotFolder.digest(file));
        // What an idle QEMU keeps in the draft is no part of the snapshot.
        Path whole = draft.resolve("whole");
        Files.createDirectory(whole);
        Files.move(file, whole.resolve(SnapshotFolder.DISK));
        folder.publish(
                whole,
                new SnapshotManifest(
                        all.isEmpty() ? 1 : all.getLast().number() + 1,
                        machine.read().imageId(),
                        snapshot));
        parent.ifPresent(one -> forget(disk, one.id()));
        return snapshot;
    }

    /** The new record has taken over. When this one stays after all, the next snapshot removes it. */
    private static void forget(QmpDisk disk, String snapshot) {
        try {
            disk.removeBitmap(snapshot);
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Cannot remove the record of what was written since snapshot {0}; the next snapshot does: {1}",
                    snapshot,
                    e.getMessage());
        }
    }

    private static String whyFull(
            Wish wish, Optional<DiskSnapshot> newest, QmpDisk.State state, SnapshotFolder folder) {
        if (newest.isEmpty()) {
            return "it is the first of this machine";
        }
        DiskSnapshot last = newest.get();
        if (wish.full()) {
            return "a full one was asked for";
        }
        if (last.depth() >= wish.longestChain()) {
            return "its chain has " + last.depth() + " increments already";
        }
        Optional<QmpDisk.Bitmap> bitmap = state.since(last.id());
        if (bitmap.isEmpty()) {
            return "there is no record of what was written since snapshot " + last.id()
                    + ": QEMU ended without storing it, or the disk was put back";
        }
        if (!bitmap.get().usable()) {
            return "the record of what was written since snapshot " + last.id()
                    + " is broken: QEMU ended while it was in use";
        }
        if (last.diskBytes() != state.length()) {
            return "the disk has another size than in snapshot " + last.id();
        }
        try {
            for (SnapshotManifest link : folder.chain(last.id())) {
                Path file = folder.disk(link.snapshot().id());
                if (!Files.isRegularFile(file)
                        || Files.size(file) != link.snapshot().bytes()) {
                    return "the file of snapshot " + link.snapshot().id() + " is not as it was written";
                }
            }
        } catch (IOException | ProviderProblem e) {
            return "the chain of snapshot " + last.id() + " cannot be used: " + e.getMessage();
        }
        return "";
    }

    private void requireRoom(MachineFolder machine, Path folder, long needed) throws IOException {
        long free = room.free(folder);
        if (free < needed) {
            throw full(
                    machine,
                    "it may take " + (needed >> 20) + " MiB in " + folder + " and " + (free >> 20) + " MiB are free");
        }
    }

    private static ProviderProblem full(MachineFolder machine, String why) {
        return new ProviderProblem(
                Kind.NOT_ENOUGH_DISK,
                "cannot take a snapshot of machine " + machine.id() + ": " + why,
                "make room there, or delete old snapshots");
    }

    private void makeFile(Path file, long length, Optional<DiskSnapshot> parent) {
        List<String> command =
                new ArrayList<>(List.of(programs.get("qemu-img").toString(), "create", "-q", "-f", "qcow2"));
        // Relative, so that the folder of snapshots can be moved.
        parent.ifPresent(
                one -> command.addAll(List.of("-b", "../" + one.id() + "/" + SnapshotFolder.DISK, "-F", "qcow2")));
        command.addAll(List.of(String.valueOf(file.getFileName()), Long.toString(length)));
        programs.check(command, Optional.ofNullable(file.getParent()));
    }

    private void copy(
            MachineFolder machine, Wish wish, Moment moment, QmpDisk disk, Path file, Optional<DiskSnapshot> parent)
            throws IOException {
        boolean whole = false;
        disk.openTarget(file);
        try {
            try {
                moment.at(() -> {
                    try {
                        disk.begin(wish.id(), parent.map(DiskSnapshot::id));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            } catch (UncheckedIOException e) {
                throw new IOException(e.getMessage(), e);
            }
            awaitCopy(machine, wish, disk, file);
            endCopies(disk);
            disk.closeTarget();
            whole = true;
        } catch (IOException e) {
            throw new ProviderProblem(
                    Kind.HOST_FAILURE,
                    "cannot take a snapshot of machine " + machine.id() + ": "
                            + (QemuProcess.find(machine).isPresent() || !(e instanceof java.io.EOFException)
                                    ? e.getMessage()
                                    : "QEMU ended meanwhile"),
                    "take it again; see the server's log",
                    e);
        } finally {
            if (!whole) {
                undo(machine, disk, wish.id());
            }
        }
    }

    private void awaitCopy(MachineFolder machine, Wish wish, QmpDisk disk, Path file) throws IOException {
        while (true) {
            QmpDisk.Copy copy = disk.copy(wish.id());
            if (copy.error().isPresent()) {
                throw new IOException("the copy failed: " + copy.error().get());
            }
            if (copy.over()) {
                return;
            }
            if (room.free(file) < RESERVE / 2) {
                throw full(machine, "the folder of snapshots became full while it was copied");
            }
            pause();
        }
    }

    private static void pause() throws IOException {
        try {
            // Nobody counts this latch down: it is a wait that can be interrupted.
            var _ = new CountDownLatch(1).await(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the server stops", e);
        }
    }

    private static void endCopies(QmpDisk disk) throws IOException {
        long tries = END_OF_COPY.dividedBy(LOOK);
        for (long i = 0; !disk.endCopies(); i++) {
            if (i >= tries) {
                throw new IOException("QEMU does not end the copy");
            }
            pause();
        }
    }

    /** Nothing of it stays in QEMU; the record of the snapshot before it is as it was. */
    private static void undo(MachineFolder machine, QmpDisk disk, String id) {
        boolean interrupted = Thread.interrupted();
        try {
            endCopies(disk);
            disk.closeTarget();
            if (disk.state().since(id).isPresent()) {
                disk.removeBitmap(id);
            }
            if (disk.resumeAfterError()) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "Machine {0} stood still because the copy of its disk could not be written; it goes on",
                        machine.id());
            }
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "Cannot clear away a snapshot of machine {0} that failed; the next one does: {1}",
                    machine.id(),
                    String.valueOf(e.getMessage()));
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** See {@link dev.vmext.fleet.provider.DiskSnapshots#settle}. */
    void settle(MachineFolder machine, SnapshotFolder folder) throws IOException {
        List<Path> drafts = folder.drafts();
        for (Path draft : drafts) {
            IdleQemu.endLeft(machine.id(), draft);
        }
        if (QemuProcess.find(machine).isPresent()) {
            QmpDisk disk = new QmpDisk(machine.socket());
            endCopies(disk);
            disk.closeTarget();
            if (!drafts.isEmpty()) {
                disk.resumeAfterError();
            }
        }
        folder.clear();
    }

    /** See {@link dev.vmext.fleet.provider.DiskSnapshots#verify}. */
    Verdict verify(SnapshotFolder folder, String id) throws IOException {
        List<String> faults = new ArrayList<>();
        long read = 0;
        List<SnapshotManifest> chain;
        try {
            chain = folder.chain(id);
        } catch (ProviderProblem e) {
            if (e.kind() == Kind.UNKNOWN_SNAPSHOT) {
                throw e;
            }
            return new Verdict(List.of(e.detail()), 0);
        }
        for (SnapshotManifest link : chain) {
            String name = link.snapshot().id();
            Path file = folder.disk(name);
            if (!Files.isRegularFile(file)) {
                faults.add("the file of snapshot " + name + " is gone");
                continue;
            }
            read += Files.size(file);
            if (Files.size(file) != link.snapshot().bytes()) {
                faults.add("the file of snapshot " + name + " has " + Files.size(file) + " bytes instead of "
                        + link.snapshot().bytes());
            } else if (!SnapshotFolder.digest(file).equals(link.snapshot().digest())) {
                faults.add("the file of snapshot " + name + " has another digest than when it was written");
            }
        }
        if (faults.isEmpty()) {
            for (SnapshotManifest link : chain) {
                try {
                    checkFile(folder.disk(link.snapshot().id()));
                } catch (ProviderProblem e) {
                    faults.add("the file of snapshot " + link.snapshot().id() + ": " + e.detail());
                }
            }
        }
        return new Verdict(faults, read);
    }

    private void checkFile(Path file) {
        run(List.of("check", "-q", "-f", "qcow2", file.toString()));
    }

    /** Writes the whole disk of a snapshot into one file that needs no other, compared with the chain bit by bit. */
    void unfold(SnapshotFolder folder, String id, Path into) throws IOException {
        Verdict verdict = verify(folder, id);
        if (!verdict.good()) {
            throw SnapshotFolder.broken(String.join("; ", verdict.faults()));
        }
        Path from = folder.disk(id);
        Files.deleteIfExists(into);
        boolean whole = false;
        try {
            run(List.of("convert", "-q", "-f", "qcow2", "-O", "qcow2", from.toString(), into.toString()));
            run(List.of("compare", "-q", "-f", "qcow2", "-F", "qcow2", from.toString(), into.toString()));
            whole = true;
        } finally {
            if (!whole) {
                Files.deleteIfExists(into);
            }
        }
    }

    void grow(Path disk, int gib) {
        run(List.of("resize", "-q", "-f", "qcow2", disk.toString(), gib + "G"));
    }

    private void run(List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(programs.get("qemu-img").toString());
        command.addAll(arguments);
        HostPrograms.Outcome outcome = programs.run(command, Optional.empty(), Map.of(), WHOLE_DISK, line -> {});
        if (outcome.exitCode() != 0) {
            throw new ProviderProblem(
                    Kind.HOST_FAILURE,
                    "cannot " + arguments.getFirst() + " a disk: qemu-img ended with " + outcome.exitCode() + ": "
                            + outcome.output().strip(),
                    "see what it said");
        }
    }
}
