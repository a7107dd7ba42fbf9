package dev.vmext.fleet.provider;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The machine that is wanted. The id is the machine's UUID in lower case; the name is only shown and becomes the title of
 * the virtual machine's process. Without an image id the provider's default image is used, and built when it does not exist.
 */
public record MachineSpec(
        String machineId, String name, int cpus, int memoryMiB, int diskGiB, Optional<String> imageId, SeedFiles seed) {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
    private static final Pattern IMAGE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    public MachineSpec {
        requireMachineId(machineId);
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("not a machine name: " + name);
        }
        requireBetween("cpus", cpus, 1, 256);
        requireBetween("memoryMiB", memoryMiB, 64, 16 * 1024 * 1024);
        requireBetween("diskGiB", diskGiB, 1, 64 * 1024);
        imageId.ifPresent(id -> {
            if (!IMAGE.matcher(id).matches()) {
                throw new IllegalArgumentException("not an image id: " + id);
            }
        });
    }

    /** Ids become folder names, so nothing but the one spelling of a UUID is let through. */
    public static String requireMachineId(String machineId) {
        if (machineId.length() != 36 || !UUID.fromString(machineId).toString().equals(machineId)) {
            throw new IllegalArgumentException("not a machine id (UUID in lower case): " + machineId);
        }
        return machineId;
    }

    private static void requireBetween(String what, int value, int low, int high) {
        if (value < low || value > high) {
            throw new IllegalArgumentException(what + " must be from " + low + " to " + high + ", not " + value);
        }
    }
}
