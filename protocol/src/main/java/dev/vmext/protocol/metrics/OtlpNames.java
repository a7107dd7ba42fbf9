package dev.vmext.protocol.metrics;

import dev.vmext.protocol.opamp.AnyValue;
import dev.vmext.protocol.opamp.KeyValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;

/** OpenTelemetry's names made Prometheus's, by the rules Prometheus applies to OTLP unless told otherwise. */
final class OtlpNames {
    private static final Map<String, String> UNITS = Map.ofEntries(
            Map.entry("d", "days"),
            Map.entry("h", "hours"),
            Map.entry("min", "minutes"),
            Map.entry("s", "seconds"),
            Map.entry("ms", "milliseconds"),
            Map.entry("us", "microseconds"),
            Map.entry("ns", "nanoseconds"),
            Map.entry("By", "bytes"),
            Map.entry("KiBy", "kibibytes"),
            Map.entry("MiBy", "mebibytes"),
            Map.entry("GiBy", "gibibytes"),
            Map.entry("KBy", "kilobytes"),
            Map.entry("MBy", "megabytes"),
            Map.entry("GBy", "gigabytes"),
            Map.entry("m", "meters"),
            Map.entry("V", "volts"),
            Map.entry("A", "amperes"),
            Map.entry("J", "joules"),
            Map.entry("W", "watts"),
            Map.entry("g", "grams"),
            Map.entry("Cel", "celsius"),
            Map.entry("Hz", "hertz"),
            Map.entry("%", "percent"));
    private static final Map<String, String> PER =
            Map.of("s", "second", "m", "minute", "h", "hour", "d", "day", "w", "week", "mo", "month", "y", "year");

    private OtlpNames() {}

    static String metric(String name, String unit, MetricKind kind, OtlpData.Type type) {
        StringBuilder metric = new StringBuilder(PrometheusText.toName(name, true));
        int slash = unit.indexOf('/');
        ending(metric, UNITS.getOrDefault(main(unit, slash), main(unit, slash)));
        if (slash >= 0) {
            String per = unit.substring(slash + 1).strip();
            if (!per.isEmpty() && per.indexOf('{') < 0) {
                ending(metric, "per_" + PER.getOrDefault(per, per));
            }
        }
        if (unit.equals("1") && type == OtlpData.Type.GAUGE) {
            ending(metric, "ratio");
        }
        if (kind == MetricKind.COUNTER && type == OtlpData.Type.SUM) {
            ending(metric, "total");
        }
        return metric.toString();
    }

    /** The unit before a slash; what stands in braces is a remark and no unit. */
    private static String main(String unit, int slash) {
        String main = (slash < 0 ? unit : unit.substring(0, slash)).strip();
        return main.equals("1") || main.indexOf('{') >= 0 ? "" : main;
    }

    private static void ending(StringBuilder metric, String ending) {
        String valid = ending.isEmpty() ? "" : PrometheusText.toName(ending, false);
        boolean total = metric.toString().endsWith("_total") && !valid.equals("total");
        if (total) {
            metric.setLength(metric.length() - "_total".length());
        }
        if (!valid.isEmpty() && !metric.toString().endsWith("_" + valid)) {
            metric.append('_').append(valid);
        }
        if (total) {
            metric.append("_total");
        }
    }

    /**
     * Attributes whose names become the same share one label, their values joined by semicolons in the order of the names. Names
     * that start with two underscores are reserved and left out.
     */
    static Map<String, String> labels(List<KeyValue> attributes) {
        TreeMap<String, String> sorted = new TreeMap<>();
        for (KeyValue attribute : attributes) {
            if (!attribute.key().startsWith("__")) {
                sorted.put(attribute.key(), text(attribute.value()));
            }
        }
        Map<String, String> labels = new LinkedHashMap<>();
        sorted.forEach((key, value) -> labels.merge(label(key), value, (one, other) -> one + ";" + other));
        return labels;
    }

    private static String label(String key) {
        String name = PrometheusText.toName(key, false);
        return name.startsWith("_") ? "key" + name : name;
    }

    static Map<String, String> resourceLabels(List<KeyValue> attributes) {
        String namespace = "";
        String service = "";
        String instance = "";
        for (KeyValue attribute : attributes) {
            switch (attribute.key()) {
                case "service.namespace" -> namespace = text(attribute.value());
                case "service.name" -> service = text(attribute.value());
                case "service.instance.id" -> instance = text(attribute.value());
                default -> {}
            }
        }
        Map<String, String> labels = new LinkedHashMap<>();
        if (!service.isEmpty()) {
            labels.put("job", namespace.isEmpty() ? service : namespace + "/" + service);
        }
        if (!instance.isEmpty()) {
            labels.put("instance", instance);
        }
        return labels;
    }

    static String text(AnyValue value) {
        return switch (value) {
            case AnyValue.Text(String text) -> text;
            case AnyValue.Bool(boolean bool) -> Boolean.toString(bool);
            case AnyValue.Whole(long whole) -> Long.toString(whole);
            case AnyValue.Real(double real) -> PrometheusText.number(real);
            case AnyValue.Items(AnyValue.ArrayValue items) -> {
                StringJoiner text = new StringJoiner(",", "[", "]");
                items.values().forEach(item -> text.add(text(item)));
                yield text.toString();
            }
            case AnyValue.Entries(AnyValue.KeyValueList entries) -> {
                StringJoiner text = new StringJoiner(",", "{", "}");
                entries.values().forEach(entry -> text.add(entry.key() + ":" + text(entry.value())));
                yield text.toString();
            }
            case AnyValue.Raw(var bytes) -> bytes.hex();
            case AnyValue.None _ -> "";
        };
    }
}
