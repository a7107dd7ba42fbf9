package dev.vmext.server.jdbc;

import dev.vmext.fleet.Publication;
import dev.vmext.fleet.Release;
import dev.vmext.fleet.VersionState;
import dev.vmext.packageformat.manifest.ExtensionVersion;
import dev.vmext.protocol.Digest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;

/** The table of published versions. Manifests are parsed once per row and revision and then kept. Thread-safe. */
final class ReleaseRows {
    private static final String COLUMNS = """
            extension, version_key, version, handler_manifest, extension_manifest, digest, size, signature, key_id, state,
            published_at, revision""";
    private static final String ALL = "select " + COLUMNS + " from release order by extension";
    private static final String OF_EXTENSION = "select " + COLUMNS + " from release where extension = :extension";
    private static final String INSERT = """
            insert into release (%s) values (:extension, :versionKey, :version, :handlerManifest, :extensionManifest, :digest, :size,
                :signature, :keyId, :state, :publishedAt, 1)
            on conflict do nothing""".formatted(COLUMNS);
    private static final String UPDATE = """
            update release set state = :state, revision = revision + 1
            where extension = :extension and version_key = :versionKey and revision = :revision""";

    private final Map<String, Release> parsed = new ConcurrentHashMap<>();

    List<Release> all(Handle handle) {
        List<Release> releases = new ArrayList<>(
                handle.createQuery(ALL).map((row, context) -> read(row)).list());
        releases.sort(Comparator.comparing(Release::extension)
                .thenComparing(Comparator.comparing(Release::version).reversed()));
        return List.copyOf(releases);
    }

    List<Release> of(Handle handle, String extension) {
        List<Release> releases = new ArrayList<>(handle.createQuery(OF_EXTENSION)
                .bind("extension", extension)
                .map((row, context) -> read(row))
                .list());
        releases.sort(Comparator.comparing(Release::version).reversed());
        return List.copyOf(releases);
    }

    private Release read(ResultSet row) throws SQLException {
        VersionState state = VersionState.find(Columns.text(row, "state")).orElse(VersionState.WITHDRAWN);
        long revision = row.getLong("revision");
        // Only state and revision of a row ever change, so its digest names what was parsed.
        String key = Columns.text(row, "extension")
                + ' '
                + Columns.text(row, "version_key")
                + ' '
                + Columns.text(row, "digest");
        Release known = parsed.get(key);
        if (known == null) {
            known = Release.of(publication(row), state, Columns.instant(row, "published_at"), revision);
            parsed.put(key, known);
        }
        return known.stored(state, revision);
    }

    private static Publication publication(ResultSet row) throws SQLException {
        return new Publication(
                Columns.text(row, "extension"),
                Columns.text(row, "version"),
                Columns.text(row, "handler_manifest"),
                Optional.ofNullable(row.getString("extension_manifest")),
                new Digest(Columns.text(row, "digest")),
                row.getLong("size"),
                Columns.text(row, "signature"),
                Columns.text(row, "key_id"));
    }

    /** False when the row has moved on, or the version is there already. */
    static boolean put(Handle handle, Release release) {
        Publication publication = release.publication();
        if (release.revision() > 0) {
            return Rows.changedOne(handle.createUpdate(UPDATE)
                    .bind("extension", release.extension())
                    .bind("versionKey", key(release.version()))
                    .bind("state", release.state().wire())
                    .bind("revision", release.revision())
                    .execute());
        }
        return Rows.changedOne(handle.createUpdate(INSERT)
                .bind("extension", release.extension())
                .bind("versionKey", key(release.version()))
                .bind("version", publication.version())
                .bind("handlerManifest", publication.handlerManifest())
                .bind("extensionManifest", publication.extensionManifest().orElse(null))
                .bind("digest", publication.digest().text())
                .bind("size", publication.size())
                .bind("signature", publication.signature())
                .bind("keyId", publication.keyId())
                .bind("state", release.state().wire())
                .bind("publishedAt", release.publishedAt().toEpochMilli())
                .execute());
    }

    private static String key(ExtensionVersion version) {
        List<String> parts = new ArrayList<>(
                version.parts().stream().map(number -> Integer.toString(number)).toList());
        while (parts.size() < ExtensionVersion.MAX_PARTS) {
            parts.add("0");
        }
        return String.join(".", parts);
    }
}
