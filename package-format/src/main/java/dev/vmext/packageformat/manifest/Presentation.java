package dev.vmext.packageformat.manifest;

import java.util.Optional;

/** How the extension is shown to people. */
public record Presentation(String displayName, String description, Optional<String> docs) {}
