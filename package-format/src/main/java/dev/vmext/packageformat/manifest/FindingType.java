package dev.vmext.packageformat.manifest;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A sort of finding the extension may report.
 *
 * @param age after which one that was not seen again counts as resolved; null for the control plane's own word
 */
public record FindingType(
        String type,
        Severity severity,
        String description,
        @Nullable Duration age) {}
