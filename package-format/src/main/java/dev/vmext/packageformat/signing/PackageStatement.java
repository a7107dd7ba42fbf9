package dev.vmext.packageformat.signing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.archive.PackageDigest;
import dev.vmext.packageformat.json.JsonDocument;
import dev.vmext.packageformat.json.JsonFields;
import dev.vmext.packageformat.json.JsonShape;
import dev.vmext.packageformat.manifest.ExtensionName;
import dev.vmext.packageformat.manifest.ExtensionVersion;
import dev.vmext.packageformat.manifest.PackageIdentity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What a signature says: the bytes with this digest and size are this release. */
public record PackageStatement(PackageIdentity identity, PackageDigest digest, long size) {
    static final JsonShape SHAPE = JsonShape.closed("name", "version", "sha256", "size");
    /** No package is larger: the zip format without extensions ends there. */
    static final long MAX_SIZE = 0xffffffffL;

    static PackageStatement parse(byte[] json) {
        JsonFields fields = JsonDocument.parse(json, "signature payload", PackageProblem.MALFORMED_SIGNATURE)
                .object(SHAPE);
        return new PackageStatement(
                new PackageIdentity(
                        fields.parsed("name", ExtensionName::new), fields.parsed("version", ExtensionVersion::new)),
                fields.parsed("sha256", PackageDigest::new),
                fields.getLong("size", 0, MAX_SIZE));
    }

    byte[] toBytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("name", identity.name().text());
            json.writeStringField("version", identity.version().text());
            json.writeStringField("sha256", digest.text());
            json.writeNumberField("size", size);
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.toByteArray();
    }
}
