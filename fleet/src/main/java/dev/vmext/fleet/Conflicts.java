package dev.vmext.fleet;

import dev.vmext.packageformat.manifest.ExtensionReference;
import dev.vmext.packageformat.manifest.ExtensionVersion;
import dev.vmext.protocol.goal.InstallationGoal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which installations of one machine exclude each other, by what their extensions declare; each way counts for both. Two that are
 * wanted never do, that is refused when they are written; but one that is still being removed may, and the other must wait for it.
 */
final class Conflicts {
    private final Map<String, TreeSet<String>> byName = new TreeMap<>();

    Conflicts(Collection<Installation> installations, Releases releases) {
        for (Installation one : installations) {
            for (ExtensionReference excluded :
                    releases.get(one).description().applicability().conflicts()) {
                for (Installation other : installations) {
                    boolean same = other.want().extension().equals(one.want().extension());
                    if (!same && matches(excluded, other)) {
                        add(one, other);
                        add(other, one);
                    }
                }
            }
        }
    }

    /** As wanted, or as the machine may have it still. */
    private static boolean matches(ExtensionReference excluded, Installation other) {
        if (!other.want().extension().equals(excluded.name().text())) {
            return false;
        }
        List<String> versions = new ArrayList<>(List.of(other.want().version()));
        InstallationGoal line = other.placement().line();
        if (line != null) {
            versions.add(line.version());
        }
        return versions.stream().anyMatch(version -> excluded.version().matches(new ExtensionVersion(version)));
    }

    private void add(Installation to, Installation other) {
        byName.computeIfAbsent(to.name(), name -> new TreeSet<>()).add(other.name());
    }

    /** Sorted names; none for one that is to go, because nothing keeps it from going. */
    List<String> of(Installation installation) {
        return installation.present()
                ? List.copyOf(byName.getOrDefault(installation.name(), new TreeSet<>()))
                : List.of();
    }
}
