package dev.vmext.fleet;

import dev.vmext.packageformat.manifest.ExtensionReference;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** What installations of one machine need of each other: what was asked for, and what their extensions declare. */
final class Dependencies {
    private Dependencies() {}

    /** By name, the names that must be healthy first. Those of the same extension never wait for each other through its manifest. */
    static Map<String, List<String>> after(Collection<Installation> installations, Releases releases) {
        Map<String, List<String>> after = new TreeMap<>();
        for (Installation installation : installations) {
            TreeSet<String> names = new TreeSet<>(installation.want().after());
            for (ExtensionReference needed :
                    releases.get(installation).description().applicability().dependencies()) {
                providers(needed, installations, releases).forEach(provider -> names.add(provider.name()));
            }
            names.remove(installation.name());
            after.put(installation.name(), List.copyOf(names));
        }
        return after;
    }

    /** The wanted installations that are what the reference names. */
    static List<Installation> providers(
            ExtensionReference needed, Collection<Installation> installations, Releases releases) {
        return installations.stream()
                .filter(Installation::present)
                .filter(candidate ->
                        candidate.want().extension().equals(needed.name().text()))
                .filter(candidate ->
                        needed.version().matches(releases.get(candidate).version()))
                .toList();
    }
}
