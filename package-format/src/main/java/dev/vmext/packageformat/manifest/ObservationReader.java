package dev.vmext.packageformat.manifest;

import dev.vmext.packageformat.json.JsonFields;
import dev.vmext.packageformat.json.JsonShape;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads probes and metric endpoints, which {@code extension.json} and {@code monitoring.json} declare in the same words. */
final class ObservationReader {
    static final JsonShape PROBE = JsonShape.closed(
            "name",
            "exec",
            "http",
            "tcp",
            "process",
            "unit",
            "intervalSec",
            "timeoutSec",
            "graceSec",
            "failureThreshold",
            "successThreshold");
    static final JsonShape EXEC = JsonShape.closed("command");
    static final JsonShape HTTP = JsonShape.closed("url", "status", "statuses", "method", "headers", "bodyMatch");
    static final JsonShape TCP = JsonShape.closed("host", "port");
    static final JsonShape PROCESS = JsonShape.closed("name");
    static final JsonShape UNIT = JsonShape.closed("name");
    static final JsonShape METRICS = JsonShape.closed(
            "name", "url", "socket", "path", "intervalSec", "timeoutSec", "maxSeries", "keep", "drop", "labels");

    /** Labels that the agent and the control plane give themselves. */
    static final Set<String> RESERVED_LABELS = Set.of("installation", "machine", "source");

    private static final Map<String, JsonShape> CHECKS =
            Map.of("exec", EXEC, "http", HTTP, "tcp", TCP, "process", PROCESS, "unit", UNIT);
    private static final Pattern WORD = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final Pattern UNIT_NAME = Pattern.compile("[A-Za-z0-9:_.\\\\@-]{1,255}");
    private static final Pattern LABEL_NAME = Pattern.compile("(?!__)[a-zA-Z_][a-zA-Z0-9_]{0,127}");
    private static final int MAX_LABELS = 32;
    private static final int MAX_LABEL_VALUE = 512;
    private static final int MAX_EXPRESSION = 1000;
    /** What the kernel takes as the address of a socket. */
    private static final int MAX_SOCKET_PATH = 107;

    private ObservationReader() {}

    static List<Probe> probes(JsonFields root) {
        return named(root, "probes", PROBE, ObservationReader::probe);
    }

    static List<MetricEndpoint> metrics(JsonFields root) {
        return named(root, "metrics", METRICS, ObservationReader::endpoint);
    }

    /** A list whose items have different names. */
    static <T> List<T> named(JsonFields root, String field, JsonShape shape, Function<JsonFields, T> read) {
        Set<String> names = new HashSet<>();
        return root.objects(field, shape).stream()
                .map(object -> {
                    String name = word(object, "name");
                    if (!names.add(name)) {
                        throw object.problem("name", "\"" + name + "\" is there twice in " + field, "rename one");
                    }
                    return read.apply(object);
                })
                .toList();
    }

    static Probe probe(JsonFields object) {
        return new Probe(
                word(object, "name"),
                check(object),
                seconds(object, "intervalSec", 1, Duration.ofSeconds(30)),
                seconds(object, "timeoutSec", 1, Duration.ofSeconds(5)),
                seconds(object, "graceSec", 0, Duration.ofSeconds(30)),
                object.findInt("failureThreshold", 1, 100).orElse(3),
                object.findInt("successThreshold", 1, 100).orElse(1));
    }

    private static ProbeCheck check(JsonFields probe) {
        List<String> given =
                CHECKS.keySet().stream().filter(probe::has).sorted().toList();
        if (given.size() != 1) {
            throw probe.problem(
                    given.isEmpty() ? "exec" : given.getLast(),
                    "a probe needs exactly one of exec, http, tcp, process and unit",
                    given.isEmpty() ? "add one of them" : "make it two probes");
        }
        String kind = given.getFirst();
        JsonFields object =
                probe.findObject(kind, Objects.requireNonNull(CHECKS.get(kind))).orElseThrow();
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
            case "http" -> HttpProbeReader.read(object);
            case "tcp" ->
                new ProbeCheck.Tcp(
                        object.findText("host").orElse("127.0.0.1"), (int) object.getLong("port", 1, 65_535));
            case "process" -> new ProbeCheck.RunningProcess(object.getText("name"));
            case "unit" -> new ProbeCheck.ActiveUnit(unit(object));
            default -> throw new IllegalStateException("no check " + kind);
        };
    }

    private static String unit(JsonFields object) {
        String name = object.getText("name");
        if (!UNIT_NAME.matcher(name).matches() || name.startsWith("-")) {
            throw object.problem(
                    "name",
                    "\"" + ExtensionName.shortened(name) + "\" is no name of a systemd unit",
                    "write it as ssh.service");
        }
        return name;
    }

    private static MetricEndpoint endpoint(JsonFields object) {
        return new MetricEndpoint(
                word(object, "name"),
                source(object),
                seconds(object, "intervalSec", 1, MetricEndpoint.INTERVAL),
                seconds(object, "timeoutSec", 1, MetricEndpoint.TIMEOUT),
                object.findInt("maxSeries", 1, MetricEndpoint.MOST_SERIES).orElse(MetricEndpoint.MAX_SERIES),
                expression(object, "keep"),
                expression(object, "drop"),
                labels(object));
    }

    private static MetricSource source(JsonFields object) {
        if (object.has("url") == object.has("socket")) {
            throw object.problem(
                    "url",
                    "an endpoint needs exactly one of url and socket",
                    object.has("url") ? "make it two endpoints" : "write \"url\": \"http://127.0.0.1:9100/metrics\"");
        }
        if (object.has("url")) {
            if (object.has("path")) {
                throw object.problem("path", "it goes with socket only", "write it into url");
            }
            return new MetricSource.Web(object.getWebAddress("url"));
        }
        String socket = object.getText("socket");
        if (!socket.startsWith("/") || socket.indexOf('\0') >= 0 || socket.length() > MAX_SOCKET_PATH) {
            throw object.problem(
                    "socket",
                    "it must be an absolute path of at most " + MAX_SOCKET_PATH + " characters",
                    "write it as /run/exporter.sock");
        }
        String path = object.findText("path").orElse("/metrics");
        if (!path.startsWith("/") || !path.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw object.problem("path", "it must start with a slash and hold no blanks", "write it as /metrics");
        }
        return new MetricSource.UnixSocket(socket, path);
    }

    static Optional<String> expression(JsonFields object, String field) {
        Optional<String> text = object.findText(field);
        if (text.isPresent()) {
            if (text.get().length() > MAX_EXPRESSION) {
                throw object.problem(field, "it is longer than " + MAX_EXPRESSION + " characters", "");
            }
            try {
                var _ = Pattern.compile(text.get());
            } catch (PatternSyntaxException bad) {
                throw object.problem(
                        field,
                        "it is no regular expression: " + bad.getDescription(),
                        "write it as node_(cpu|memory)_.*; it is compared with whole names");
            } catch (StackOverflowError tooDeep) {
                throw object.problem(field, "it is nested too deeply", "");
            }
        }
        return text;
    }

    private static Map<String, String> labels(JsonFields object) {
        Map<String, String> labels = object.textEntries("labels");
        if (labels.size() > MAX_LABELS) {
            throw object.problem("labels", "there are more than " + MAX_LABELS, "");
        }
        labels.forEach((name, value) -> {
            if (!LABEL_NAME.matcher(name).matches()) {
                throw object.problem(
                        "labels",
                        "\"" + ExtensionName.shortened(name) + "\" is no name of a label",
                        "use a-z, A-Z, 0-9 and underscores, no digit in front and not two underscores");
            }
            if (RESERVED_LABELS.contains(name)) {
                throw object.problem(
                        "labels", "the label \"" + name + "\" is set by vmext itself", "choose another name");
            }
            if (value.length() > MAX_LABEL_VALUE) {
                throw object.problem(
                        "labels", "the value of " + name + " is longer than " + MAX_LABEL_VALUE + " characters", "");
            }
        });
        return labels;
    }

    static String word(JsonFields object, String field) {
        String text = object.getText(field);
        if (!WORD.matcher(text).matches()) {
            throw object.problem(
                    field,
                    "\"" + ExtensionName.shortened(text) + "\" is not in lower case",
                    "use a-z, 0-9 and hyphens");
        }
        return text;
    }

    static Duration seconds(JsonFields object, String field, int min, Duration missing) {
        var given = object.findInt(field, min, ExtensionManifestReader.MAX_SECONDS);
        return given.isPresent() ? Duration.ofSeconds(given.getAsInt()) : missing;
    }
}
