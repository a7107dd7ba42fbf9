package dev.vmext.server.provider;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the QEMU provider is told at start.
 *
 * @param home the data folder; images and machines get a folder each in it
 * @param programFolders where programs are looked for, in order (the host's PATH)
 * @param temporary a folder on disk, not in memory, that every user may enter: the image is built there
 * @param imageMiB size of the image's file system; machines grow it to their own disk at the first boot
 * @param stopDeadline how long a guest may take to power down before it is switched off
 * @param emulatedCpu processor model without KVM. Measured with the machine image, from power-on to the first command:
 *     {@code max} costs 1.4 times the host processor time of {@code Nehalem}, the oldest model that x86-64-v2
 *     distributions accept
 */
public record QemuSettings(
        Path home,
        List<Path> programFolders,
        Path temporary,
        int imageMiB,
        Duration stopDeadline,
        String emulatedCpu,
        Optional<PrebuiltImage> image) {

    /** An image that is there already and used instead of building one; for tests and for hosts that cannot build. */
    public record PrebuiltImage(String id, Optional<Path> disk, Path kernel, Path initrd, String kernelArguments) {}

    public QemuSettings {
        if (!home.isAbsolute()) {
            throw new IllegalArgumentException("the data folder must be an absolute path: " + home);
        }
        programFolders = List.copyOf(programFolders);
    }

    /** The settings of a normal start. The path is the value of the environment's PATH. */
    public static QemuSettings defaults(Path home, String path) {
        return new QemuSettings(
                home.toAbsolutePath(),
                HostPrograms.foldersOf(path),
                Path.of("/var/tmp"),
                2048,
                Duration.ofSeconds(60),
                "Nehalem,+aes,+pclmulqdq,+rdrand",
                Optional.empty());
    }

    Path images() {
        return home.resolve("images");
    }

    Path snapshots() {
        return home.resolve("snapshots");
    }

    Path machines() {
        return home.resolve("machines");
    }
}
