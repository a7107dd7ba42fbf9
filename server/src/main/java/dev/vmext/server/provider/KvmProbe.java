package dev.vmext.server.provider;

import dev.vmext.fleet.provider.ProviderProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether KVM runs guests here. That the device can be opened says little: inside some virtual machines it opens and
 * guests hang, or the smallest ones run and a Linux kernel stops in the middle of its start. So first a guest of seven bytes is booted
 * that can only end by running, and then the very kernel that machines boot, without a disk, which ends in its own panic. As long
 * as there is no kernel yet the answer is no, and not remembered. It holds until the host boots again or QEMU changes, and is kept in
 * a file. Thread-safe.
 */
final class KvmProbe {
    /** Writes 0x10 to the debug exit port, which ends QEMU with (0x10 * 2) + 1; then halts for ever. */
    private static final byte[] PROGRAM = {
        (byte) 0xB0, 0x10, (byte) 0xE6, (byte) 0xF4, (byte) 0xF4, (byte) 0xEB, (byte) 0xFD
    };

    private static final int RAN = 0x10 * 2 + 1;
    private static final Duration PATIENCE = Duration.ofSeconds(6);
    private static final Duration KERNEL_PATIENCE = Duration.ofSeconds(20);

    private final HostPrograms programs;
    private final Path cache;
    private final Path device;
    private @Nullable Boolean answer;

    KvmProbe(HostPrograms programs, Path cache, Path device) {
        this.programs = programs;
        this.cache = cache;
        this.device = device;
    }

    synchronized boolean works(String qemuVersion, Optional<Path> kernel) {
        Boolean known = answer;
        if (known == null) {
            if (kernel.isEmpty()) {
                return false;
            }
            known = find(qemuVersion, kernel.get());
            answer = known;
        }
        return known;
    }

    private boolean find(String qemuVersion, Path kernel) {
        if (!Files.isReadable(device) || !Files.isWritable(device)) {
            return false; // Not remembered: the user may be added to the group kvm at any time.
        }
        try {
            String key = Files.readString(Path.of("/proc/sys/kernel/random/boot_id"))
                            .strip() + " " + qemuVersion + " kernel ";
            if (Files.exists(cache)) {
                String kept = Files.readString(cache).strip();
                if (kept.startsWith(key)) {
                    return kept.endsWith(" works");
                }
            }
            boolean works = boot("kvm") && bootKernel(kernel);
            Files.createDirectories(cache.getParent());
            Files.writeString(cache, key + (works ? "works" : "hangs") + "\n");
            return works;
        } catch (IOException e) {
            return boot("kvm") && bootKernel(kernel);
        }
    }

    /** Boots a kernel that finds no disk, panics and, told so, resets at once; true when it came that far. */
    private boolean bootKernel(Path kernel) {
        try {
            return programs.run(
                                    List.of(
                                            programs.get("qemu-system-x86_64").toString(),
                                            "-nodefaults",
                                            "-no-user-config",
                                            "-display",
                                            "none",
                                            "-no-reboot",
                                            "-machine",
                                            "q35,accel=kvm",
                                            "-cpu",
                                            "host",
                                            "-smp",
                                            "2",
                                            "-m",
                                            "512",
                                            "-kernel",
                                            kernel.toString(),
                                            "-append",
                                            "panic=-1"),
                                    Optional.empty(),
                                    Map.of(),
                                    KERNEL_PATIENCE,
                                    line -> {})
                            .exitCode()
                    == 0;
        } catch (ProviderProblem e) {
            return false; // It stopped half-way until its deadline, or QEMU could not use it at all.
        }
    }

    /** Boots the small guest; true when it ran. */
    boolean boot(String accelerator) {
        try {
            Path sector = Files.createTempFile("vmext-probe", ".img");
            try {
                byte[] bytes = new byte[512];
                System.arraycopy(PROGRAM, 0, bytes, 0, PROGRAM.length);
                bytes[510] = 0x55;
                bytes[511] = (byte) 0xAA;
                Files.write(sector, bytes);
                return programs.run(
                                        List.of(
                                                programs.get("qemu-system-x86_64")
                                                        .toString(),
                                                "-nodefaults",
                                                "-no-user-config",
                                                "-display",
                                                "none",
                                                "-no-reboot",
                                                "-machine",
                                                "pc,accel=" + accelerator,
                                                "-m",
                                                "16",
                                                "-device",
                                                "isa-debug-exit,iobase=0xf4,iosize=4",
                                                "-drive",
                                                "format=raw,if=floppy,readonly=on,file=" + sector),
                                        Optional.empty(),
                                        Map.of(),
                                        PATIENCE,
                                        line -> {})
                                .exitCode()
                        == RAN;
            } finally {
                Files.deleteIfExists(sector);
            }
        } catch (IOException | ProviderProblem e) {
            return false; // It hung until its deadline, or QEMU could not use it at all.
        }
    }
}
