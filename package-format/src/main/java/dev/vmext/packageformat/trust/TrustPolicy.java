package dev.vmext.packageformat.trust;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.json.JsonDocument;
import dev.vmext.packageformat.json.JsonFields;
import dev.vmext.packageformat.json.JsonShape;
import dev.vmext.packageformat.manifest.ExtensionName;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The content of {@code trust.json}: the last word of a machine's owner. Immutable. */
public record TrustPolicy(TrustMode mode, List<TrustedPublisher> publishers) {
    public static final String FILE_NAME = "trust.json";
    static final int VERSION = 1;

    private static final JsonShape ROOT = JsonShape.closed("$schema", "version", "mode", "publishers");
    private static final JsonShape PUBLISHER = JsonShape.closed("namespace", "keys");

    /** The fields of every object of the file, by where the object stands. */
    static final Map<String, JsonShape> SHAPES = Map.of("", ROOT, "publishers", PUBLISHER);

    public TrustPolicy {
        publishers = List.copyOf(publishers);
        Set<String> namespaces = new HashSet<>();
        for (TrustedPublisher publisher : publishers) {
            if (!namespaces.add(publisher.namespace())) {
                throw new PackageException(
                        PackageProblem.MALFORMED_TRUST,
                        "cannot use trust file: the name space " + publisher.namespace() + " is listed twice",
                        "put all its keys into one entry");
            }
        }
    }

    /** Trusts one publisher. */
    public static TrustPolicy of(TrustMode mode, String namespace, PublisherKey key) {
        return new TrustPolicy(mode, List.of(new TrustedPublisher(namespace, List.of(key))));
    }

    public static TrustPolicy parse(byte[] json) {
        JsonFields root = JsonDocument.parse(json, FILE_NAME, PackageProblem.MALFORMED_TRUST)
                .object(ROOT);
        long version = root.getLong("version", 1, Integer.MAX_VALUE);
        if (version != VERSION) {
            throw root.problem(
                    "version", version + " is newer than this program understands (" + VERSION + ")", "update vmext");
        }
        if (!root.has("publishers")) {
            throw root.problem("publishers", "it is missing", "an empty list trusts nobody");
        }
        List<TrustedPublisher> publishers = root.objects("publishers", PUBLISHER).stream()
                .map(object ->
                        new TrustedPublisher(object.getText("namespace"), object.parsedList("keys", PublisherKey::new)))
                .toList();
        return new TrustPolicy(root.getWord("mode", TrustMode.class), publishers);
    }

    /** The keys that may sign this extension. */
    public List<PublisherKey> keysFor(ExtensionName name) {
        return publishers.stream()
                .filter(publisher -> name.isIn(publisher.namespace()))
                .flatMap(publisher -> publisher.keys().stream())
                .distinct()
                .toList();
    }

    /** The name spaces a key is trusted for. */
    public List<String> namespacesOf(PublisherKey key) {
        return publishers.stream()
                .filter(publisher -> publisher.keys().contains(key))
                .map(TrustedPublisher::namespace)
                .toList();
    }

    /** All keys, each once. */
    public List<PublisherKey> keys() {
        return publishers.stream()
                .flatMap(publisher -> publisher.keys().stream())
                .distinct()
                .toList();
    }

    /** The text of {@code trust.json}. */
    public String toJson() {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(out).setPrettyPrinter(new DefaultPrettyPrinter())) {
            json.writeStartObject();
            json.writeNumberField("version", VERSION);
            json.writeStringField("mode", mode.text());
            json.writeArrayFieldStart("publishers");
            for (TrustedPublisher publisher : publishers) {
                json.writeStartObject();
                json.writeStringField("namespace", publisher.namespace());
                json.writeArrayFieldStart("keys");
                for (PublisherKey key : publisher.keys()) {
                    json.writeString(key.text());
                }
                json.writeEndArray();
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.append('\n').toString();
    }

    public byte[] toBytes() {
        return toJson().getBytes(StandardCharsets.UTF_8);
    }
}
