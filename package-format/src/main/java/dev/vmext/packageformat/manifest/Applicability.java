package dev.vmext.packageformat.manifest;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Where an extension may be installed, and beside what. Empty platforms or providers mean all. */
public record Applicability(
        List<Platform> platforms,
        List<String> providers,
        List<ExtensionReference> dependencies,
        List<ExtensionReference> conflicts) {
    public Applicability {
        platforms = List.copyOf(platforms);
        providers = List.copyOf(providers);
        dependencies = List.copyOf(dependencies);
        conflicts = List.copyOf(conflicts);
    }

    /** Fits everywhere: what a package without {@code extension.json} says. */
    public static Applicability everywhere() {
        return new Applicability(List.of(), List.of(), List.of(), List.of());
    }

    /** Why the extension does not fit the machine, in words for the operator; empty when it fits. */
    public Optional<String> misfit(MachineFacts machine) {
        if (!providers.isEmpty() && !providers.contains(machine.provider())) {
            return Optional.of("it is for machines of " + String.join(", ", providers) + ", and this one comes from "
                    + machine.provider());
        }
        if (!platforms.isEmpty() && platforms.stream().noneMatch(platform -> platform.covers(machine))) {
            String wanted = platforms.stream().map(Platform::toString).collect(Collectors.joining(", "));
            return Optional.of("it runs on " + wanted + ", and this machine has " + machine.distro() + " "
                    + machine.version() + " on " + machine.arch());
        }
        return Optional.empty();
    }
}
