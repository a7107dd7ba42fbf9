package dev.vmext.packageformat.manifest;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.json.JsonDocument;
import dev.vmext.packageformat.json.JsonFields;
import dev.vmext.packageformat.json.JsonShape;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code extension.json}. The shapes are compared with docs/reference/extension.schema.json by a test. */
final class ExtensionManifestReader {
    static final int SCHEMA_VERSION = 1;
    static final int MAX_SECONDS = 86_400;

    /** The fields of every object of the file, by where the object stands. */
    static final Map<String, JsonShape> SHAPES = Map.ofEntries(
            Map.entry(
                    "",
                    JsonShape.closed(
                            "$schema",
                            "schemaVersion",
                            "name",
                            "version",
                            "displayName",
                            "description",
                            "docs",
                            "category",
                            "kind",
                            "instances",
                            "scripts",
                            "scriptKeys",
                            "runtime",
                            "platforms",
                            "providers",
                            "settingsSchema",
                            "protectedSchema",
                            "uiSchema",
                            "deadlines",
                            "retry",
                            "budget",
                            "probes",
                            "metrics",
                            "findings",
                            "dependencies",
                            "conflicts",
                            "leases",
                            "gateway",
                            "update",
                            "healthTimeSec",
                            "reboot",
                            "keepsOnUninstall",
                            "privileges")),
            Map.entry("platforms", JsonShape.closed("os", "distro", "versions", "arch")),
            Map.entry("deadlines", JsonShape.closed("install", "enable", "update", "disable", "uninstall")),
            Map.entry("retry", JsonShape.closed("attempts", "delaySec", "maxDelaySec")),
            Map.entry("budget", JsonShape.closed("cpuPercent", "memoryMiB", "diskMiB", "tasks")),
            Map.entry("probes", ObservationReader.PROBE),
            Map.entry("probes.exec", ObservationReader.EXEC),
            Map.entry("probes.http", ObservationReader.HTTP),
            Map.entry("probes.tcp", ObservationReader.TCP),
            Map.entry("probes.process", ObservationReader.PROCESS),
            Map.entry("probes.unit", ObservationReader.UNIT),
            Map.entry("metrics", ObservationReader.METRICS),
            Map.entry("findings", JsonShape.closed("type", "severity", "description", "ageSec")),
            Map.entry("dependencies", JsonShape.closed("name", "version")),
            Map.entry("conflicts", JsonShape.closed("name", "version")));

    /** Ten years. */
    private static final int MAX_AGE = 3650 * 86_400;

    private static final Pattern RUNTIME = Pattern.compile("java-[0-9]{2}");

    private ExtensionManifestReader() {}

    static ExtensionManifest read(byte[] json) {
        JsonFields root = JsonDocument.parse(json, ExtensionManifest.FILE_NAME, PackageProblem.MALFORMED_MANIFEST)
                .object(shape(""));
        long schemaVersion = root.getLong("schemaVersion", 1, Integer.MAX_VALUE);
        if (schemaVersion != SCHEMA_VERSION) {
            throw root.problem(
                    "schemaVersion",
                    schemaVersion + " is newer than this program understands (" + SCHEMA_VERSION + ")",
                    "update vmext");
        }
        return new ExtensionManifest(
                new PackageIdentity(
                        root.parsed("name", ExtensionName::new), root.parsed("version", ExtensionVersion::new)),
                new Presentation(
                        root.getText("displayName"),
                        root.findText("description").orElse(""),
                        root.findText("docs")),
                root.getWord("category", Category.class),
                root.getWord("kind", Kind.class),
                root.findWord("instances", Instances.class).orElse(Instances.ONE),
                root.getFlag("scripts"),
                root.distinctTexts("scriptKeys"),
                applicability(root),
                new SettingsSchemas(
                        root.findRawObject("settingsSchema"),
                        root.findRawObject("protectedSchema"),
                        root.findRawObject("uiSchema")),
                execution(root),
                new Observation(ObservationReader.probes(root), ObservationReader.metrics(root), findings(root)));
    }

    private static JsonShape shape(String path) {
        JsonShape shape = SHAPES.get(path);
        if (shape == null) {
            throw new IllegalStateException("no shape for " + path);
        }
        return shape;
    }

    private static Applicability applicability(JsonFields root) {
        List<Platform> platforms = root.objects("platforms", shape("platforms")).stream()
                .map(platform -> new Platform(
                        ObservationReader.word(platform, "os"),
                        platform.findText("distro"),
                        platform.distinctTexts("versions"),
                        platform.distinctTexts("arch")))
                .toList();
        return new Applicability(
                platforms,
                root.distinctTexts("providers"),
                references(root, "dependencies"),
                references(root, "conflicts"));
    }

    private static List<ExtensionReference> references(JsonFields root, String field) {
        return root.objects(field, shape(field)).stream()
                .map(reference -> new ExtensionReference(
                        reference.parsed("name", ExtensionName::new),
                        reference.findParsed("version", VersionConstraint::new).orElse(VersionConstraint.ANY)))
                .toList();
    }

    private static Execution execution(JsonFields root) {
        Optional<String> runtime = root.findText("runtime");
        if (runtime.isPresent() && !RUNTIME.matcher(runtime.get()).matches()) {
            throw root.problem("runtime", "\"" + runtime.get() + "\" is not known", "write java-25, or leave it out");
        }
        return new Execution(
                runtime,
                deadlines(root),
                retry(root),
                budget(root),
                leases(root),
                gateway(root),
                root.findWord("update", UpdateStyle.class).orElse(UpdateStyle.IN_PLACE),
                root.has("healthTimeSec")
                        ? Optional.of(ObservationReader.seconds(root, "healthTimeSec", 0, Duration.ZERO))
                        : Optional.empty(),
                root.findWord("reboot", Reboot.class).orElse(Reboot.NEVER),
                root.distinctTexts("keepsOnUninstall"),
                root.distinctTexts("privileges"));
    }

    private static Map<HandlerCommand, Duration> deadlines(JsonFields root) {
        Map<HandlerCommand, Duration> deadlines = new EnumMap<>(HandlerCommand.class);
        root.findObject("deadlines", shape("deadlines")).ifPresent(object -> {
            for (HandlerCommand command : HandlerCommand.values()) {
                object.findInt(command.text(), 1, MAX_SECONDS)
                        .ifPresent(seconds -> deadlines.put(command, Duration.ofSeconds(seconds)));
            }
        });
        return deadlines;
    }

    private static Retry retry(JsonFields root) {
        return root.findObject("retry", shape("retry"))
                .map(object -> new Retry(
                        object.findInt("attempts", 1, 10).orElse(Retry.none().attempts()),
                        ObservationReader.seconds(
                                object, "delaySec", 1, Retry.none().delay()),
                        ObservationReader.seconds(
                                object, "maxDelaySec", 1, Retry.none().maxDelay())))
                .orElseGet(Retry::none);
    }

    private static Budget budget(JsonFields root) {
        return root.findObject("budget", shape("budget"))
                .map(object -> new Budget(
                        object.findInt("cpuPercent", 1, 100_000),
                        object.findInt("memoryMiB", 1, 1 << 30),
                        object.findInt("diskMiB", 1, 1 << 30),
                        object.findInt("tasks", 1, 1 << 22)))
                .orElseGet(Budget::unlimited);
    }

    private static List<Lease> leases(JsonFields root) {
        return root.distinctTexts("leases").stream()
                .map(text -> List.of(Lease.values()).stream()
                        .filter(lease -> lease.text().equals(text))
                        .findFirst()
                        .orElseThrow(() -> root.problem(
                                "leases", "\"" + text + "\" is not known", "the only lease is packageManager")))
                .toList();
    }

    private static List<GatewayUse> gateway(JsonFields root) {
        return root.distinctTexts("gateway").stream()
                .map(text -> List.of(GatewayUse.values()).stream()
                        .filter(use -> use.text().equals(text))
                        .findFirst()
                        .orElseThrow(() -> root.problem(
                                "gateway",
                                "\"" + text + "\" is not known",
                                "write repository or certificates, or leave it out")))
                .toList();
    }

    private static List<FindingType> findings(JsonFields root) {
        return root.objects("findings", shape("findings")).stream()
                .map(object -> new FindingType(
                        ObservationReader.word(object, "type"),
                        object.getWord("severity", Severity.class),
                        object.findText("description").orElse(""),
                        age(object)))
                .toList();
    }

    private static @Nullable Duration age(JsonFields object) {
        var given = object.findInt("ageSec", 60, MAX_AGE);
        return given.isPresent() ? Duration.ofSeconds(given.getAsInt()) : null;
    }

    /** Used by messages of other readers of this package. */
    static PackageException malformed(String file, String why, String hint) {
        return new PackageException(PackageProblem.MALFORMED_MANIFEST, "cannot read " + file + ": " + why, hint);
    }
}
