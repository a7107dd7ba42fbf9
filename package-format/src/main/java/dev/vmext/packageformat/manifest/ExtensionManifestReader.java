package dev.vmext.packageformat.manifest;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.json.JsonDocument;
import dev.vmext.packageformat.json.JsonFields;
import dev.vmext.packageformat.json.JsonShape;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
                            "update",
                            "healthTimeSec",
                            "reboot",
                            "keepsOnUninstall",
                            "privileges")),
            Map.entry("platforms", JsonShape.closed("os", "distro", "versions", "arch")),
            Map.entry("deadlines", JsonShape.closed("install", "enable", "update", "disable", "uninstall")),
            Map.entry("retry", JsonShape.closed("attempts", "delaySec", "maxDelaySec")),
            Map.entry("budget", JsonShape.closed("cpuPercent", "memoryMiB", "diskMiB", "tasks")),
            Map.entry(
                    "probes",
                    JsonShape.closed(
                            "name",
                            "exec",
                            "http",
                            "tcp",
                            "process",
                            "intervalSec",
                            "timeoutSec",
                            "graceSec",
                            "failureThreshold",
                            "successThreshold")),
            Map.entry("probes.exec", JsonShape.closed("command")),
            Map.entry("probes.http", JsonShape.closed("url", "status")),
            Map.entry("probes.tcp", JsonShape.closed("host", "port")),
            Map.entry("probes.process", JsonShape.closed("name")),
            Map.entry("metrics", JsonShape.closed("name", "url", "intervalSec")),
            Map.entry("findings", JsonShape.closed("type", "severity", "description", "ageSec")),
            Map.entry("dependencies", JsonShape.closed("name", "version")),
            Map.entry("conflicts", JsonShape.closed("name", "version")));

    /** Ten years. */
    private static final int MAX_AGE = 3650 * 86_400;

    private static final List<String> CHECKS = List.of("exec", "http", "tcp", "process");
    private static final Pattern RUNTIME = Pattern.compile("java-[0-9]{2}");
    private static final Pattern WORD = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

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
                new Observation(probes(root), metrics(root), findings(root)));
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
                        word(platform, "os"),
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
                root.findWord("update", UpdateStyle.class).orElse(UpdateStyle.IN_PLACE),
                root.has("healthTimeSec")
                        ? Optional.of(seconds(root, "healthTimeSec", 0, Duration.ZERO))
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
                        seconds(object, "delaySec", 1, Retry.none().delay()),
                        seconds(object, "maxDelaySec", 1, Retry.none().maxDelay())))
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

    private static List<Probe> probes(JsonFields root) {
        Set<String> names = new HashSet<>();
        return root.objects("probes", shape("probes")).stream()
                .map(object -> {
                    String name = word(object, "name");
                    if (!names.add(name)) {
                        throw object.problem("name", "there are two probes called \"" + name + "\"", "");
                    }
                    return new Probe(
                            name,
                            check(object),
                            seconds(object, "intervalSec", 1, Duration.ofSeconds(30)),
                            seconds(object, "timeoutSec", 1, Duration.ofSeconds(5)),
                            seconds(object, "graceSec", 0, Duration.ofSeconds(30)),
                            object.findInt("failureThreshold", 1, 100).orElse(3),
                            object.findInt("successThreshold", 1, 100).orElse(1));
                })
                .toList();
    }

    private static ProbeCheck check(JsonFields probe) {
        List<String> given = CHECKS.stream().filter(probe::has).toList();
        if (given.size() != 1) {
            throw probe.problem(
                    given.isEmpty() ? "exec" : given.getLast(),
                    "a probe needs exactly one of exec, http, tcp and process",
                    given.isEmpty() ? "add one of them" : "make it two probes");
        }
        String kind = given.getFirst();
        JsonFields object = probe.findObject(kind, shape("probes." + kind)).orElseThrow();
        return switch (kind) {
            case "exec" -> {
                List<String> command = object.texts("command");
                if (command.isEmpty()
                        || List.of(command.getFirst().split("/", -1)).contains("..")) {
                    throw object.problem(
                            "command",
                            "it must be a program and its arguments, and the program must not contain \"..\"",
                            "write it as [\"bin/check.sh\", \"--quick\"]");
                }
                yield new ProbeCheck.Exec(command);
            }
            case "http" ->
                new ProbeCheck.Http(
                        object.getWebAddress("url"),
                        object.findInt("status", 100, 599).orElse(200));
            case "tcp" ->
                new ProbeCheck.Tcp(
                        object.findText("host").orElse("127.0.0.1"), (int) object.getLong("port", 1, 65_535));
            case "process" -> new ProbeCheck.RunningProcess(object.getText("name"));
            default -> throw new IllegalStateException("no check " + kind);
        };
    }

    private static List<MetricEndpoint> metrics(JsonFields root) {
        return root.objects("metrics", shape("metrics")).stream()
                .map(object -> new MetricEndpoint(
                        word(object, "name"),
                        object.getWebAddress("url"),
                        seconds(object, "intervalSec", 1, Duration.ofSeconds(60))))
                .toList();
    }

    private static List<FindingType> findings(JsonFields root) {
        return root.objects("findings", shape("findings")).stream()
                .map(object -> new FindingType(
                        word(object, "type"),
                        object.getWord("severity", Severity.class),
                        object.findText("description").orElse(""),
                        age(object)))
                .toList();
    }

    private static @Nullable Duration age(JsonFields object) {
        var given = object.findInt("ageSec", 60, MAX_AGE);
        return given.isPresent() ? Duration.ofSeconds(given.getAsInt()) : null;
    }

    private static String word(JsonFields object, String field) {
        String text = object.getText(field);
        if (!WORD.matcher(text).matches()) {
            throw object.problem(
                    field,
                    "\"" + ExtensionName.shortened(text) + "\" is not in lower case",
                    "use a-z, 0-9 and hyphens");
        }
        return text;
    }

    private static Duration seconds(JsonFields object, String field, int min, Duration missing) {
        var given = object.findInt(field, min, MAX_SECONDS);
        return given.isPresent() ? Duration.ofSeconds(given.getAsInt()) : missing;
    }

    /** Used by messages of other readers of this package. */
    static PackageException malformed(String file, String why, String hint) {
        return new PackageException(PackageProblem.MALFORMED_MANIFEST, "cannot read " + file + ": " + why, hint);
    }
}
