package dev.vmext.protocol.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Asks for an installation, or changes one (PUT is a full replacement, except that null protected settings keep the stored ones and an
 * empty object removes them).
 *
 * @param extension {@code publisher.type}
 * @param version constraint: a prefix such as 1 or 1.0, or an exact version; null for the newest active one
 * @param settings fits the version's settingsSchema; null is the empty object
 * @param protectedSettings fits the version's protectedSchema; never returned by any answer
 * @param after names of installations on the same machine that must be healthy first
 * @param rerun true raises the sequence number although nothing changed
 * @param deadlines seconds by handler command (install, enable, update, disable, uninstall); they replace those of the package. Null is
 *     none: the package's own hold
 * @param expireSeconds gives it up when the machine has not acknowledged it by then; null waits for ever
 */
public record InstallationWrite(
        String extension,
        @Nullable String version,
        @Nullable Map<String, Object> settings,
        @Nullable Map<String, Object> protectedSettings,
        @Nullable List<String> after,
        @Nullable Boolean rerun,
        @Nullable Map<String, Long> deadlines,
        @Nullable Long expireSeconds) {
    /** Under no special terms. */
    public InstallationWrite(
            String extension,
            @Nullable String version,
            @Nullable Map<String, Object> settings,
            @Nullable Map<String, Object> protectedSettings,
            @Nullable List<String> after,
            @Nullable Boolean rerun) {
        this(extension, version, settings, protectedSettings, after, rerun, null, null);
    }
}
