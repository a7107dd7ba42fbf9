package dev.vmext.packageformat.manifest;

import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.json.JsonDocument;
import dev.vmext.packageformat.json.JsonFields;
import dev.vmext.packageformat.json.JsonShape;
import java.util.List;
import java.util.Map;

/**
 * {@code monitoring.json}: endpoints and probes that a handler declares while it is installed, usually from its settings, beside those
 * of {@code extension.json}. Every field is described in docs/reference/package-format.md. Immutable.
 */
public record MonitoringFile(List<MetricEndpoint> metrics, List<MonitoringProbe> probes) {
    public static final String FILE_NAME = "monitoring.json";
    /** No handler needs more, and the agent reads it into memory. */
    public static final int MAX_BYTES = 256 << 10;

    public static final int MAX_METRICS = 64;
    public static final int MAX_PROBES = 64;

    static final int VERSION = 1;

    private static final JsonShape PROBE = with(ObservationReader.PROBE, "health", "finding");

    /** The fields of every object of the file, by where the object stands. */
    static final Map<String, JsonShape> SHAPES = Map.of(
            "", JsonShape.closed("$schema", "v", "metrics", "probes"),
            "probes", PROBE,
            "probes.exec", ObservationReader.EXEC,
            "probes.http", ObservationReader.HTTP,
            "probes.tcp", ObservationReader.TCP,
            "probes.process", ObservationReader.PROCESS,
            "probes.unit", ObservationReader.UNIT,
            "metrics", ObservationReader.METRICS);

    public MonitoringFile {
        metrics = List.copyOf(metrics);
        probes = List.copyOf(probes);
    }

    public static MonitoringFile none() {
        return new MonitoringFile(List.of(), List.of());
    }

    /** Throws {@link dev.vmext.packageformat.PackageException} with the place and the reason for whatever is not such a file. */
    public static MonitoringFile parse(byte[] json) {
        if (json.length > MAX_BYTES) {
            throw ExtensionManifestReader.malformed(
                    FILE_NAME, "it is larger than " + MAX_BYTES + " bytes", "declare fewer endpoints and probes");
        }
        JsonFields root = JsonDocument.parse(json, FILE_NAME, PackageProblem.MALFORMED_MANIFEST)
                .object(JsonShape.closed("$schema", "v", "metrics", "probes"));
        long version = root.getLong("v", 1, Integer.MAX_VALUE);
        if (version != VERSION) {
            throw root.problem(
                    "v", version + " is newer than this agent understands (" + VERSION + ")", "update the agent");
        }
        List<MetricEndpoint> metrics = ObservationReader.metrics(root);
        if (metrics.size() > MAX_METRICS) {
            throw root.problem("metrics", "there are more than " + MAX_METRICS, "");
        }
        List<MonitoringProbe> probes = ObservationReader.named(root, "probes", PROBE, MonitoringFile::probe);
        if (probes.size() > MAX_PROBES) {
            throw root.problem("probes", "there are more than " + MAX_PROBES, "");
        }
        return new MonitoringFile(metrics, probes);
    }

    private static MonitoringProbe probe(JsonFields object) {
        return new MonitoringProbe(
                ObservationReader.probe(object),
                !object.has("health") || object.getFlag("health"),
                object.has("finding") ? ObservationReader.word(object, "finding") : "");
    }

    private static JsonShape with(JsonShape shape, String... more) {
        java.util.Set<String> fields = new java.util.LinkedHashSet<>(shape.fields());
        fields.addAll(List.of(more));
        return new JsonShape(fields, true);
    }
}
