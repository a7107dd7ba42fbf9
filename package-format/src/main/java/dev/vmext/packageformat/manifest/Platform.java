package dev.vmext.packageformat.manifest;

import java.util.List;
import java.util.Optional;

/** One kind of machine an extension runs on. Empty versions or architectures mean all of them. */
public record Platform(String os, Optional<String> distro, List<String> versions, List<String> arch) {
    public Platform {
        versions = List.copyOf(versions);
        arch = List.copyOf(arch);
    }

    /** Whether a machine is of this kind. A version matches by its first parts: "12" covers "12.5", not "121". */
    public boolean covers(MachineFacts machine) {
        return os.equals(machine.os())
                && (distro.isEmpty() || distro.get().equals(machine.distro()))
                && (arch.isEmpty() || arch.contains(machine.arch()))
                && (versions.isEmpty()
                        || versions.stream().anyMatch(wanted -> coversVersion(wanted, machine.version())));
    }

    private static boolean coversVersion(String wanted, String actual) {
        return actual.equals(wanted) || actual.startsWith(wanted + ".");
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(distro.orElse(os));
        if (!versions.isEmpty()) {
            text.append(' ').append(String.join("/", versions));
        }
        if (!arch.isEmpty()) {
            text.append(" on ").append(String.join("/", arch));
        }
        return text.toString();
    }
}
