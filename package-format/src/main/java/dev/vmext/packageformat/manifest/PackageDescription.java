package dev.vmext.packageformat.manifest;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * All a package says about itself, and what holds where it says nothing. Nobody else derives these rules from the two
 * manifests.
 */
public record PackageDescription(
        PackageIdentity identity, HandlerManifest handler, Optional<ExtensionManifest> extension) {
    /** Whether settings can make the handler run commands of the sender; true when the package does not say. */
    public boolean scripts() {
        return extension.map(ExtensionManifest::scripts).orElse(true);
    }

    /** Top-level settings keys that carry commands, refused on machines in mode no-scripts. */
    public List<String> scriptKeys() {
        return extension.map(ExtensionManifest::scriptKeys).orElse(List.of());
    }

    public Instances instances() {
        return extension
                .map(ExtensionManifest::instances)
                .orElse(handler.supportsMultipleExtensions() ? Instances.MANY : Instances.ONE);
    }

    public Kind kind() {
        return extension.map(ExtensionManifest::kind).orElse(Kind.CONTINUOUS);
    }

    public String displayName() {
        return extension
                .map(manifest -> manifest.presentation().displayName())
                .orElse(identity.name().text());
    }

    public Applicability applicability() {
        return extension.map(ExtensionManifest::applicability).orElseGet(Applicability::everywhere);
    }

    public SettingsSchemas schemas() {
        return extension.map(ExtensionManifest::schemas).orElseGet(SettingsSchemas::none);
    }

    public Execution execution() {
        return extension
                .map(ExtensionManifest::execution)
                .orElseGet(() -> Execution.defaults().with(handler.resourceLimits()));
    }

    public Observation observation() {
        return extension.map(ExtensionManifest::observation).orElseGet(Observation::none);
    }

    /**
     * For how long a version that replaces another one must be healthy before the other one is given up: what the package says,
     * else half a minute with probes and no time at all without, because then there is nothing more to see.
     */
    public Duration healthTime() {
        Duration usual = observation().probes().isEmpty() ? Duration.ZERO : Duration.ofSeconds(30);
        return execution().healthTime().orElse(usual);
    }

    public Duration deadline(HandlerCommand command) {
        return execution().deadline(command);
    }
}
