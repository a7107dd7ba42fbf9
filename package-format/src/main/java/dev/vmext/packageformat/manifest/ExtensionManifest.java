package dev.vmext.packageformat.manifest;

import java.util.List;

/**
 * {@code extension.json}: what a native package adds to the handler contract. Every field is described in
 * docs/reference/package-format.md.
 */
public record ExtensionManifest(
        PackageIdentity identity,
        Presentation presentation,
        Category category,
        Kind kind,
        Instances instances,
        boolean scripts,
        List<String> scriptKeys,
        Applicability applicability,
        SettingsSchemas schemas,
        Execution execution,
        Observation observation) {
    public static final String FILE_NAME = "extension.json";

    public ExtensionManifest {
        scriptKeys = List.copyOf(scriptKeys);
    }

    public static ExtensionManifest parse(byte[] json) {
        return ExtensionManifestReader.read(json);
    }
}
