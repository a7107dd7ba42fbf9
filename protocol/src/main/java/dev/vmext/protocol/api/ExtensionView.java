package dev.vmext.protocol.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One extension of the catalog. Its newest active version speaks for it.
 *
 * @param platforms e.g. {@code linux/debian 12/amd64}; empty means any
 * @param providers empty means any
 * @param settingsSchema JSON Schema draft-07 of the newest version, null when it declares none; likewise protectedSchema, uiSchema
 */
public record ExtensionView(
        String name,
        String displayName,
        String description,
        String category,
        String kind,
        String instances,
        boolean scripts,
        List<String> platforms,
        List<String> providers,
        String latest,
        @Nullable Map<String, Object> settingsSchema,
        @Nullable Map<String, Object> protectedSchema,
        @Nullable Map<String, Object> uiSchema,
        List<VersionView> versions) {

    /**
     * One published version.
     *
     * @param state active, deprecated, insecure or withdrawn
     * @param keyId of the publisher's key that signed it
     */
    public record VersionView(
            String version, String state, String digest, long size, String keyId, Instant publishedAt) {}
}
