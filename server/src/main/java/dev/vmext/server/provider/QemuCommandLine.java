package dev.vmext.server.provider;

import java.nio.file.Path;
import java.util.List;

/**
 * The arguments of one machine's QEMU. Pure. The machine's own files are named relative to its folder, in which QEMU is
 * started: a UNIX socket's path may only be short, and a comma in a path means something to QEMU.
 */
record QemuCommandLine(Path qemu, boolean kvm, String emulatedCpu) {

    List<String> arguments(MachineFolder folder, MachineFolder.Hardware hardware, MachineImage image) {
        return List.of(
                qemu.toString(),
                "-name",
                "guest=vmext-" + hardware.name(),
                "-uuid",
                folder.id(),
                "-nodefaults",
                "-no-user-config",
                "-machine",
                "q35",
                "-accel",
                kvm ? "kvm" : "tcg,thread=multi",
                "-cpu",
                kvm ? "host" : emulatedCpu,
                "-smp",
                Integer.toString(hardware.cpus()),
                "-m",
                Integer.toString(hardware.memoryMiB()),
                "-rtc",
                "base=utc,clock=host",
                "-display",
                "none",
                "-daemonize",
                "-pidfile",
                "qemu.pid",
                "-qmp",
                "unix:qmp.sock,server=on,wait=off",
                "-chardev",
                "file,id=serial,path=serial.log,append=on",
                "-serial",
                "chardev:serial",
                "-kernel",
                image.kernel().toString(),
                "-initrd",
                image.initrd().toString(),
                "-append",
                kernelArguments(image),
                "-drive",
                "if=virtio,id=disk,file=overlay.qcow2,format=qcow2,cache=writeback,discard=unmap",
                "-drive",
                "if=virtio,id=seed,file=seed.iso,format=raw,readonly=on",
                "-netdev",
                "user,id=net",
                "-device",
                "virtio-net-pci,netdev=net,romfile=,mac=" + mac(folder.id()),
                "-device",
                "virtio-rng-pci");
    }

    /** An emulated processor has none of the flaws that the kernel works around, and the workarounds cost a quarter of its time. */
    private String kernelArguments(MachineImage image) {
        return kvm ? image.kernelArguments() : image.kernelArguments() + " mitigations=off";
    }

    /** The card's address: QEMU's own prefix and the first three bytes of the id, so that it stays over restarts. */
    static String mac(String machineId) {
        return "52:54:00:" + machineId.substring(0, 2) + ":" + machineId.substring(2, 4) + ":"
                + machineId.substring(4, 6);
    }
}
