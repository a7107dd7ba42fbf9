package dev.vmext.packageformat.manifest;

import java.util.Optional;

/** JSON texts: draft-07 schemas of public and protected settings, and hints for forms. Missing means nothing is checked. */
public record SettingsSchemas(Optional<String> settings, Optional<String> protectedSettings, Optional<String> ui) {
    public static SettingsSchemas none() {
        return new SettingsSchemas(Optional.empty(), Optional.empty(), Optional.empty());
    }
}
