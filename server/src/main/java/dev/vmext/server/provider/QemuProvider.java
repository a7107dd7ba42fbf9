package dev.vmext.server.provider;

import dev.vmext.fleet.provider.MachineProvider;
import dev.vmext.fleet.provider.MachineSnapshots;
import dev.vmext.fleet.provider.MachineSpec;
import dev.vmext.fleet.provider.PowerState;
import dev.vmext.fleet.provider.Progress;
import dev.vmext.fleet.provider.Progress.Phase;
import dev.vmext.fleet.provider.ProviderFacts;
import dev.vmext.fleet.provider.ProviderProblem;
import dev.vmext.fleet.provider.ProviderProblem.Kind;
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
public final class QemuProvider implements MachineProvider, MachineSnapshots {
    /** Under user-mode networking the guest reaches this host's loopback at this address. */
    private static final String HOST_ADDRESS = "10.0.2.2";

    private final QemuSettings settings;
    private final HostPrograms programs;
    private final ImageBuilder images;
    private final HostCheck check;
    private final KvmProbe probe;
    private final ConcurrentHashMap<String, ReentrantLock> locks = new ConcurrentHashMap<>();

    public QemuProvider(QemuSettings settings) {
        this.settings = settings;
        this.programs = new HostPrograms(settings.programFolders());
        this.images = new ImageBuilder(settings);
        this.check = new HostCheck(settings, programs);
        this.probe = new KvmProbe(programs, settings.home().resolve("kvm-probe"), Path.of("/dev/kvm"));
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
                makeFolder(folder, spec, image);
            }
            progress.report(
                    Phase.BOOT,
                    "Booting " + spec.name()
                            + (facts().emulated()
                                    ? " (emulated: no usable KVM on this host, everything in it is slower)"
                                    : ""));
            switchOn(folder);
            progress.report(Phase.RUNNING, "Machine " + spec.name() + " is running");
        });
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

    /** The folder is filled under another name and appears complete. */
    private void makeFolder(MachineFolder folder, MachineSpec spec, MachineImage image) throws IOException {
        Files.createDirectories(settings.machines());
        MachineFolder draft = new MachineFolder(folder.id(), settings.machines().resolve(".creating-" + folder.id()));
        Folders.delete(draft.path());
        Folders.delete(folder.path());
        Files.createDirectory(
                draft.path(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try {
            new Disks(programs).createOverlay(draft.path(), "overlay.qcow2", image, spec.diskGiB());
            new SeedImage(programs).write(spec.seed(), draft.path());
            draft.write(
                    new MachineFolder.Hardware(spec.name(), spec.cpus(), spec.memoryMiB(), spec.diskGiB(), image.id()));
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
        locked(machineId, folder -> {
            new QemuControl(folder).cutPower();
            Path trash = settings.machines().resolve(".deleting-" + folder.id());
            Folders.delete(settings.machines().resolve(".creating-" + folder.id()));
            Folders.delete(trash);
            if (Files.exists(folder.path())) {
                // First out of the way: half a machine is never found under its id.
                Files.move(folder.path(), trash, StandardCopyOption.ATOMIC_MOVE);
                Folders.delete(trash);
            }
        });
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
        ReentrantLock lock = locks.computeIfAbsent(machineId, id -> new ReentrantLock());
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
