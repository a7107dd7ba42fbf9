package dev.vmext.server.provider;

import dev.vmext.fleet.provider.DiskSnapshot;
import dev.vmext.fleet.provider.DiskSnapshots;
import dev.vmext.fleet.provider.MachineProvider;
import dev.vmext.fleet.provider.MachineSnapshots;
import dev.vmext.fleet.provider.MachineSpec;
import dev.vmext.fleet.provider.PowerState;
import dev.vmext.fleet.provider.Progress;
import dev.vmext.fleet.provider.Progress.Phase;
import dev.vmext.fleet.provider.ProviderFacts;
import dev.vmext.fleet.provider.ProviderProblem;
import dev.vmext.fleet.provider.ProviderProblem.Kind;
import dev.vmext.fleet.provider.SeedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Machines in QEMU on this host. Nothing about a machine is remembered in memory: what exists is its folder, what runs is its
 * process, so machines survive this program and are found again by the next. Made by the wiring; any thread may call it,
 * and calls for one machine wait for each other.
 */
public final class QemuProvider implements MachineProvider, MachineSnapshots, DiskSnapshots {
    /** Under user-mode networking the guest reaches this host's loopback at this address. */
    private static final String HOST_ADDRESS = "10.0.2.2";

    private final QemuSettings settings;
    private final HostPrograms programs;
    private final ImageBuilder images;
    private final HostCheck check;
    private final KvmProbe probe;
    private final QemuSnapshots disks;
    private final ConcurrentHashMap<String, ReentrantLock> locks = new ConcurrentHashMap<>();
    /** Whoever needs both takes this one first. A running machine is switched while its disk is copied. */
    private final ConcurrentHashMap<String, ReentrantLock> snapshotLocks = new ConcurrentHashMap<>();

    public QemuProvider(QemuSettings settings) {
        this(settings, QemuSnapshots::freeOf);
    }

    QemuProvider(QemuSettings settings, QemuSnapshots.Room room) {
        this.settings = settings;
        this.programs = new HostPrograms(settings.programFolders());
        this.images = new ImageBuilder(settings);
        this.check = new HostCheck(settings, programs);
        this.probe = new KvmProbe(programs, settings.home().resolve("kvm-probe"), Path.of("/dev/kvm"));
        this.disks = new QemuSnapshots(programs, room);
    }

    @Override
    public String name() {
        return "qemu";
    }

    @Override
    public ProviderFacts facts() {
        String version = version();
        boolean kvm = probe.works(version, findImage(defaultImageId()).map(MachineImage::kernel));
        return new ProviderFacts(
                name(),
                version,
                kvm ? "kvm" : "tcg",
                !kvm,
                Optional.of(HOST_ADDRESS),
                defaultImageId(),
                findImage(defaultImageId()).isPresent());
    }

    private String version() {
        return programs.check(List.of(programs.get("qemu-system-x86_64").toString(), "--version"), Optional.empty())
                .lines()
                .findFirst()
                .orElse("unknown")
                .replaceFirst("^QEMU emulator version ", "");
    }

    private String defaultImageId() {
        return settings.image().map(QemuSettings.PrebuiltImage::id).orElseGet(images::imageId);
    }

    private Optional<MachineImage> findImage(String id) {
        return settings.image()
                .filter(p -> p.id().equals(id))
                .map(p -> new MachineImage(p.id(), p.disk(), p.kernel(), p.initrd(), p.kernelArguments()))
                .or(() -> images.findImage(id));
    }

    private String imageOf(MachineSpec spec) {
        return spec.imageId().orElseGet(this::defaultImageId);
    }

    @Override
    public void preflight(MachineSpec spec) {
        String what = "create machine " + spec.name();
        String imageId = imageOf(spec);
        boolean building = findImage(imageId).isEmpty();
        if (building && !imageId.equals(defaultImageId())) {
            throw new ProviderProblem(
                    Kind.UNKNOWN_IMAGE,
                    "cannot " + what + ": there is no image " + imageId,
                    "leave the image out to use the default, " + defaultImageId());
        }
        check.programs(what, building);
        check.memory(what, spec.memoryMiB());
        check.disk(what, building, spec.diskGiB());
    }

    @Override
    public void create(MachineSpec spec, Progress progress) {
        locked(spec.machineId(), folder -> {
            progress.report(Phase.PREFLIGHT, "Checking the host");
            if (folder.exists()) {
                continueWith(folder, spec);
            } else {
                preflight(spec);
                String imageId = imageOf(spec);
                MachineImage image = findImage(imageId).orElseGet(() -> images.build(progress));
                progress.report(Phase.DISK, "Making disk and seed of " + spec.name());
                makeFolder(
                        folder,
                        spec,
                        image.id(),
                        (draft, name) -> new Disks(programs).createOverlay(draft, name, image, spec.diskGiB()));
            }
            boot(folder, spec, progress);
        });
    }

    private void boot(MachineFolder folder, MachineSpec spec, Progress progress) throws IOException {
        progress.report(
                Phase.BOOT,
                "Booting " + spec.name()
                        + (facts().emulated()
                                ? " (emulated: no usable KVM on this host, everything in it is slower)"
                                : ""));
        switchOn(folder);
        progress.report(Phase.RUNNING, "Machine " + spec.name() + " is running");
    }

    private void continueWith(MachineFolder folder, MachineSpec spec) throws IOException {
        if (!folder.read().sameAs(spec)) {
            throw new ProviderProblem(
                    Kind.CONFLICT,
                    "cannot create machine " + spec.name() + ": it exists with other processors, memory, disk or image",
                    "delete it first, or ask for what it has");
        }
        if (!folder.everBooted()) {
            // An earlier try ended before the boot; its enrolment token may have been replaced since.
            new SeedImage(programs).write(spec.seed(), folder.path());
        }
    }

    /** Makes a machine's disk under this name in this folder. */
    private interface DiskMaker {
        void make(Path folder, String name) throws IOException;
    }

    /** The folder is filled under another name and appears complete. */
    private void makeFolder(MachineFolder folder, MachineSpec spec, String imageId, DiskMaker disk) throws IOException {
        Files.createDirectories(settings.machines());
        MachineFolder draft = new MachineFolder(folder.id(), settings.machines().resolve(".creating-" + folder.id()));
        Folders.delete(draft.path());
        Folders.delete(folder.path());
        Files.createDirectory(
                draft.path(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try {
            disk.make(draft.path(), "overlay.qcow2");
            new SeedImage(programs).write(spec.seed(), draft.path());
            draft.write(
                    new MachineFolder.Hardware(spec.name(), spec.cpus(), spec.memoryMiB(), spec.diskGiB(), imageId));
            Files.move(draft.path(), folder.path(), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Folders.delete(draft.path());
        }
    }

    @Override
    public void start(String machineId) {
        locked(machineId, folder -> {
            existing("start", folder);
            switchOn(folder);
        });
    }

    private void switchOn(MachineFolder folder) throws IOException {
        QemuControl control = new QemuControl(folder);
        if (control.process().isPresent()) {
            control.resume();
            return;
        }
        MachineFolder.Hardware hardware = folder.read();
        String what = "start machine " + hardware.name();
        MachineImage image = findImage(hardware.imageId())
                .orElseThrow(() -> new ProviderProblem(
                        Kind.UNKNOWN_IMAGE,
                        "cannot " + what + ": its image " + hardware.imageId() + " is gone from " + settings.images(),
                        "put the image back, or delete the machine and create it again"));
        check.programs(what, false);
        check.memory(what, hardware.memoryMiB());
        control.launch(
                programs,
                new QemuCommandLine(
                                programs.get("qemu-system-x86_64"),
                                probe.works(version(), Optional.of(image.kernel())),
                                settings.emulatedCpu())
                        .arguments(folder, hardware, image));
    }

    @Override
    public void stop(String machineId) {
        locked(machineId, folder -> {
            existing("stop", folder);
            new QemuControl(folder).powerDown(settings.stopDeadline());
        });
    }

    @Override
    public void kill(String machineId) {
        locked(machineId, folder -> {
            existing("switch off", folder);
            new QemuControl(folder).cutPower();
        });
    }

    @Override
    public void delete(String machineId) {
        locked(machineId, this::deleteMachine);
    }

    private void deleteMachine(MachineFolder folder) throws IOException {
        new QemuControl(folder).cutPower();
        Path trash = settings.machines().resolve(".deleting-" + folder.id());
        Folders.delete(settings.machines().resolve(".creating-" + folder.id()));
        Folders.delete(trash);
        if (Files.exists(folder.path())) {
            // First out of the way: half a machine is never found under its id.
            Files.move(folder.path(), trash, StandardCopyOption.ATOMIC_MOVE);
            Folders.delete(trash);
        }
    }

    @Override
    public DiskSnapshot take(String machineId, Wish wish, Moment moment) {
        return snapshotLocked(machineId, (folder, snapshots) -> {
            existing("take a snapshot of", folder);
            ReentrantLock power = lock(locks, machineId);
            power.lock();
            try {
                if (QemuProcess.find(folder).isEmpty()) {
                    return disks.take(folder, snapshots, wish, moment);
                }
            } finally {
                power.unlock();
            }
            return disks.take(folder, snapshots, wish, moment);
        });
    }

    @Override
    public List<DiskSnapshot> snapshots(String machineId) {
        try {
            return snapshotFolder(machineId).all().stream()
                    .map(SnapshotManifest::snapshot)
                    .toList();
        } catch (IOException e) {
            throw hostFailure("list the snapshots of machine " + machineId, e);
        }
    }

    @Override
    public Verdict verify(String machineId, String snapshotId) {
        return snapshotLocked(machineId, (folder, snapshots) -> disks.verify(snapshots, snapshotId));
    }

    @Override
    public void restore(String machineId, String snapshotId, Optional<SeedFiles> seed) {
        Wish.requireId(snapshotId);
        snapshotLocked(machineId, (folder, snapshots) -> {
            existing("restore", folder);
            requireRoom("restore machine " + machineId, snapshots.chain(snapshotId));
            Path restored = folder.path().resolve("restored.qcow2");
            disks.unfold(snapshots, snapshotId, restored);
            locked(machineId, same -> {
                new QemuControl(folder).cutPower();
                if (seed.isPresent()) {
                    new SeedImage(programs).write(seed.get(), folder.path());
                }
                Files.move(
                        restored,
                        folder.path().resolve("overlay.qcow2"),
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            });
            return folder;
        });
    }

    @Override
    public void createFrom(MachineSpec spec, String fromMachineId, String snapshotId, Progress progress) {
        Wish.requireId(snapshotId);
        snapshotLocked(fromMachineId, (origin, snapshots) -> {
            String what = "create machine " + spec.name() + " from snapshot " + snapshotId;
            progress.report(Phase.PREFLIGHT, "Checking the host and the snapshot");
            List<SnapshotManifest> chain = snapshots.chain(snapshotId);
            SnapshotManifest wanted = chain.getFirst();
            MachineSpec like = new MachineSpec(
                    spec.machineId(),
                    spec.name(),
                    spec.cpus(),
                    spec.memoryMiB(),
                    spec.diskGiB(),
                    Optional.of(wanted.image()),
                    spec.seed());
            preflight(like);
            if (((long) spec.diskGiB() << 30) < wanted.snapshot().diskBytes()) {
                throw new ProviderProblem(
                        Kind.CONFLICT,
                        "cannot " + what + ": its disk has "
                                + (wanted.snapshot().diskBytes() >> 30) + " GiB, the machine's would have "
                                + spec.diskGiB(),
                        "give the machine a disk that is as large");
            }
            requireRoom(what, chain);
            progress.report(Phase.DISK, "Putting the disk of " + spec.name() + " together");
            locked(spec.machineId(), folder -> {
                MachineFolder kept =
                        new MachineFolder(folder.id(), settings.machines().resolve(".restored-" + folder.id()));
                Folders.delete(kept.path());
                Files.createDirectories(kept.path());
                try {
                    Path disk = kept.path().resolve("overlay.qcow2");
                    disks.unfold(snapshots, snapshotId, disk);
                    disks.grow(disk, spec.diskGiB());
                    // Only now: what is wrong with the snapshot has shown by here.
                    deleteMachine(folder);
                    makeFolder(
                            folder,
                            like,
                            wanted.image(),
                            (draft, name) -> Files.move(disk, draft.resolve(name), StandardCopyOption.ATOMIC_MOVE));
                } finally {
                    Folders.delete(kept.path());
                }
                boot(folder, spec, progress);
            });
            return origin;
        });
    }

    @Override
    public void drop(String machineId, String snapshotId) {
        Wish.requireId(snapshotId);
        snapshotLocked(machineId, (folder, snapshots) -> {
            List<String> children = snapshots.children(snapshotId);
            if (!children.isEmpty()) {
                throw new ProviderProblem(
                        Kind.CONFLICT,
                        "cannot delete snapshot " + snapshotId + ": snapshot " + String.join(", ", children)
                                + " builds on it",
                        "delete that one first");
            }
            snapshots.drop(snapshotId);
            return folder;
        });
    }

    @Override
    public void dropAll(String machineId) {
        snapshotLocked(machineId, (folder, snapshots) -> {
            disks.settle(folder, snapshots);
            if (Files.isDirectory(snapshots.path())) {
                Path trash = snapshots.path().resolveSibling(".deleting-" + machineId);
                Folders.delete(trash);
                Files.move(snapshots.path(), trash, StandardCopyOption.ATOMIC_MOVE);
                Folders.delete(trash);
            }
            return folder;
        });
    }

    @Override
    public void settle(String machineId) {
        snapshotLocked(machineId, (folder, snapshots) -> {
            disks.settle(folder, snapshots);
            Files.deleteIfExists(folder.path().resolve("restored.qcow2"));
            return folder;
        });
    }

    private void requireRoom(String what, List<SnapshotManifest> chain) throws IOException {
        long bytes = chain.stream().mapToLong(one -> one.snapshot().bytes()).sum();
        Files.createDirectories(settings.machines());
        long free = QemuSnapshots.freeOf(settings.machines());
        if (free < bytes + QemuSnapshots.RESERVE) {
            throw new ProviderProblem(
                    Kind.NOT_ENOUGH_DISK,
                    "cannot " + what + ": it may take " + (bytes >> 20) + " MiB in " + settings.machines() + " and "
                            + (free >> 20) + " MiB are free",
                    "make room there");
        }
    }

    private SnapshotFolder snapshotFolder(String machineId) {
        return new SnapshotFolder(settings.snapshots().resolve(MachineSpec.requireMachineId(machineId)));
    }

    private interface SnapshotWork<A> {
        A on(MachineFolder folder, SnapshotFolder snapshots) throws IOException;
    }

    private <A> A snapshotLocked(String machineId, SnapshotWork<A> work) {
        MachineFolder folder = folder(machineId);
        ReentrantLock lock = lock(snapshotLocks, machineId);
        lock.lock();
        try {
            return work.on(folder, snapshotFolder(machineId));
        } catch (IOException e) {
            throw hostFailure("work on the snapshots of machine " + machineId, e);
        } finally {
            lock.unlock();
        }
    }

    private static ReentrantLock lock(ConcurrentHashMap<String, ReentrantLock> all, String machineId) {
        return all.computeIfAbsent(machineId, id -> new ReentrantLock());
    }

    @Override
    public PowerState power(String machineId) {
        // Without the machine's lock: a table of machines must not wait for one that is being built.
        MachineFolder folder = folder(machineId);
        if (!folder.exists()) {
            return PowerState.ABSENT;
        }
        return new QemuControl(folder).power();
    }

    @Override
    public Set<String> machines() {
        if (!Files.isDirectory(settings.machines())) {
            return Set.of();
        }
        try (Stream<Path> entries = Files.list(settings.machines())) {
            return entries.map(e -> String.valueOf(e.getFileName()))
                    .filter(n -> !n.startsWith(".")
                            && new MachineFolder(n, settings.machines().resolve(n)).exists())
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw hostFailure("list the machines", e);
        }
    }

    @Override
    public String console(String machineId, int maxBytes) {
        MachineFolder folder = folder(machineId);
        existing("read the console of", folder);
        try {
            return folder.console(maxBytes);
        } catch (IOException e) {
            throw hostFailure("read the console of machine " + machineId, e);
        }
    }

    @Override
    public void snapshotSave(String machineId, String tag) {
        locked(machineId, folder -> {
            existing("save", folder);
            new QemuControl(folder).saveSnapshot(requireTag(tag));
        });
    }

    @Override
    public void snapshotLoad(String machineId, String tag) {
        locked(machineId, folder -> {
            existing("restore", folder);
            new QemuControl(folder).loadSnapshot(requireTag(tag));
        });
    }

    /**
     * Lets a port of this host's loopback lead into the guest until it is switched off. For people and tests who look into a
     * machine; vmext itself never needs a way in.
     */
    public void forward(String machineId, int hostPort, int guestPort) {
        locked(machineId, folder -> {
            existing("forward a port to", folder);
            new QemuControl(folder).forward(hostPort, guestPort);
        });
    }

    private static String requireTag(String tag) {
        if (!tag.matches("[A-Za-z][A-Za-z0-9-]{0,63}")) {
            throw new IllegalArgumentException("not a snapshot tag: " + tag);
        }
        return tag;
    }

    private MachineFolder folder(String machineId) {
        return new MachineFolder(machineId, settings.machines().resolve(MachineSpec.requireMachineId(machineId)));
    }

    private static void existing(String verb, MachineFolder folder) {
        if (!folder.exists()) {
            throw new ProviderProblem(
                    Kind.UNKNOWN_MACHINE,
                    "cannot " + verb + " machine " + folder.id() + ": this provider has no such machine",
                    "create it first");
        }
    }

    private interface Work {
        void on(MachineFolder folder) throws IOException;
    }

    private void locked(String machineId, Work work) {
        MachineFolder folder = folder(machineId);
        ReentrantLock lock = lock(locks, machineId);
        lock.lock();
        try {
            work.on(folder);
        } catch (IOException e) {
            throw hostFailure("work on machine " + machineId, e);
        } finally {
            lock.unlock();
        }
    }

    private static ProviderProblem hostFailure(String what, IOException e) {
        return new ProviderProblem(
                Kind.HOST_FAILURE,
                "cannot " + what + ": " + e.getMessage(),
                "see the server's log and the machine's console",
                e);
    }
}
