package dev.vmext.fleet;

import dev.vmext.packageformat.manifest.MachineFacts;
import java.util.Map;
import java.util.Optional;

/** What is known of a machine's platform: what it told, else what its provider is going to make. */
final class Platforms {
    static final String QEMU = "qemu";
    static final String SELF_ENROLLED = "self-enrolled";

    /** The embedded provider's default image. */
    private static final Map<String, String> QEMU_IMAGE =
            Map.of(FactKeys.OS, "linux", FactKeys.DISTRO, "debian", FactKeys.OS_VERSION, "12", FactKeys.ARCH, "amd64");

    private Platforms() {}

    /** Empty while a machine that comes by itself has not told enough. */
    static Optional<MachineFacts> knownFacts(Machine machine) {
        Map<String, String> facts = machine.facts();
        if (facts.isEmpty() && machine.provider().equals(QEMU)) {
            facts = QEMU_IMAGE;
        }
        String os = facts.get(FactKeys.OS);
        String distro = facts.get(FactKeys.DISTRO);
        String version = facts.get(FactKeys.OS_VERSION);
        String arch = facts.get(FactKeys.ARCH);
        if (os == null || distro == null || version == null || arch == null) {
            return Optional.empty();
        }
        return Optional.of(new MachineFacts(os, distro, version, arch, machine.provider()));
    }
}
