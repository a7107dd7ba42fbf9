package dev.vmext.server.provider;

import dev.vmext.fleet.provider.ProviderProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Says what this host lacks for a machine, before anything is made. Changes nothing. */
record HostCheck(QemuSettings settings, HostPrograms programs) {
    /** What QEMU itself takes besides the guest's memory. */
    private static final int OVERHEAD_MIB = 192;
    /** What a machine writes before it does anything useful; its disk is thin and grows from there. */
    private static final int FIRST_WRITES_MIB = 1024;
    /** Archive, unpacked system and disk image, side by side. */
    private static final int BUILD_MIB = 2048;

    private static final Map<String, String> TO_RUN =
            new TreeMap<>(Map.of("qemu-system-x86_64", "qemu-system-x86", "qemu-img", "qemu-utils"));
    private static final Map<String, String> TO_BUILD =
            new TreeMap<>(Map.of("mmdebstrap", "mmdebstrap", "mkfs.ext4", "e2fsprogs", "tar", "tar"));
    private static final Map<String, String> TO_BUILD_AS_USER =
            new TreeMap<>(Map.of("unshare", "util-linux", "newuidmap", "uidmap", "newgidmap", "uidmap"));

    void programs(String what, boolean building) {
        Map<String, String> missing = new TreeMap<>();
        collect(TO_RUN, missing);
        if (programs.findAny(SeedImage.PROGRAMS).isEmpty()) {
            missing.put("xorrisofs", "xorriso");
        }
        if (building) {
            collect(TO_BUILD, missing);
            if (!isRoot()) {
                collect(TO_BUILD_AS_USER, missing);
            }
        }
        if (!missing.isEmpty()) {
            throw new ProviderProblem(
                    ProviderProblem.Kind.MISSING_PACKAGES,
                    "cannot " + what + ": not installed: " + String.join(", ", missing.keySet()),
                    "on Debian and Ubuntu: apt-get install "
                            + missing.values().stream().distinct().collect(Collectors.joining(" ")));
        }
        if (building && !isRoot()) {
            userRanges(what);
        }
    }

    private void collect(Map<String, String> wanted, Map<String, String> missing) {
        wanted.forEach((program, pack) -> {
            if (programs.find(program).isEmpty()) {
                missing.put(program, pack);
            }
        });
    }

    /** An ordinary user builds in a user namespace, which needs user ids to give to the files of the image. */
    private static void userRanges(String what) {
        String user = System.getProperty("user.name", "");
        List<String> without = new ArrayList<>();
        for (String file : List.of("/etc/subuid", "/etc/subgid")) {
            try {
                if (Files.readAllLines(Path.of(file)).stream().noneMatch(l -> l.startsWith(user + ":"))) {
                    without.add(file);
                }
            } catch (IOException e) {
                without.add(file);
            }
        }
        if (!without.isEmpty()) {
            throw new ProviderProblem(
                    ProviderProblem.Kind.MISSING_PACKAGES,
                    "cannot " + what + ": user " + user + " has no ids of its own in " + String.join(" and ", without)
                            + ", so it cannot build a disk image",
                    "as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 " + user
                            + ", or build the image once as root");
        }
    }

    void memory(String what, int guestMiB) {
        OptionalLong available = availableMiB();
        long needed = guestMiB + (long) OVERHEAD_MIB;
        if (available.isPresent() && available.getAsLong() < needed) {
            throw new ProviderProblem(
                    ProviderProblem.Kind.NOT_ENOUGH_MEMORY,
                    "cannot " + what + ": it needs " + needed + " MiB of memory and the host has "
                            + available.getAsLong() + " MiB available",
                    "give the machine less memory, or stop another one");
        }
    }

    void disk(String what, boolean building, int diskGiB) {
        long home = Math.min(FIRST_WRITES_MIB, diskGiB * 1024L) + (building ? settings.imageMiB() : 0);
        requireSpace(what, settings.home(), home);
        if (building) {
            requireSpace(what, settings.temporary(), BUILD_MIB);
        }
    }

    private static void requireSpace(String what, Path folder, long neededMiB) {
        Path existing = folder;
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        long free;
        try {
            free = Files.getFileStore(existing).getUsableSpace() >> 20;
        } catch (IOException e) {
            return; // A file system that cannot say how full it is will say so when it is.
        }
        if (free < neededMiB) {
            throw new ProviderProblem(
                    ProviderProblem.Kind.NOT_ENOUGH_DISK,
                    "cannot " + what + ": it needs " + neededMiB + " MiB in " + folder + " and " + free
                            + " MiB are free",
                    "make room there, or put the data folder on another disk");
        }
    }

    private static OptionalLong availableMiB() {
        try {
            return Files.readAllLines(Path.of("/proc/meminfo")).stream()
                    .filter(l -> l.startsWith("MemAvailable:"))
                    .mapToLong(l -> Long.parseLong(l.replaceAll("[^0-9]", "")) >> 10)
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }
}
