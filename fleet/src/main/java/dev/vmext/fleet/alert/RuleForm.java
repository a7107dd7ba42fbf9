package dev.vmext.fleet.alert;

import dev.vmext.fleet.alert.Condition.Comparison;
import dev.vmext.packageformat.manifest.Severity;
import dev.vmext.protocol.JsonText;
import dev.vmext.protocol.api.AlertRuleWrite;
import dev.vmext.protocol.metrics.LabelMatcher;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A rule as people write it, and as text for stores. Pure. */
public final class RuleForm {
    private static final int WINDOW = 300;
    private static final int MEMORY = 24 * 3600;
    private static final int CLEARS = 60;

    private RuleForm() {}

    /** Throws IllegalArgumentException with what is wrong, to be read after "cannot use the rule: ". */
    public static AlertRule rule(String name, AlertRuleWrite form) {
        return new AlertRule(
                name,
                form.summary(),
                form.hint() == null ? "" : form.hint(),
                severity(form.severity()),
                form.machines() == null ? Map.of() : form.machines(),
                new Signal(
                        form.metric(),
                        matchers(form.where() == null ? List.of() : form.where()),
                        form.dividedBy(),
                        combine(form.combine()),
                        form.by() == null ? List.of() : form.by()),
                condition(form),
                seconds(form.lastsSeconds(), 0),
                seconds(form.clearsSeconds(), CLEARS),
                form.enabled() == null || form.enabled());
    }

    /** Conditions on labels; a refusal says which one it is about. */
    public static List<LabelMatcher> matchers(List<String> texts) {
        return texts.stream().map(LabelMatcher::parse).toList();
    }

    private static Severity severity(String word) {
        return Arrays.stream(Severity.values())
                .filter(one -> one.text().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "its severity is \"" + word + "\", not one of info, low, medium, high, critical"));
    }

    private static Signal.Combine combine(@Nullable String word) {
        return word == null
                ? Signal.Combine.EACH
                : Signal.Combine.find(word)
                        .orElseThrow(() -> new IllegalArgumentException(
                                "its combine is \"" + word + "\", not one of each, sum, avg, min, max"));
    }

    private static Condition condition(AlertRuleWrite form) {
        Duration window = seconds(form.windowSeconds(), WINDOW);
        if (!form.kind().equals("forecast") && form.aheadSeconds() != null) {
            throw new IllegalArgumentException("aheadSeconds belongs to forecasts only");
        }
        if (!form.kind().equals("absence") && form.memorySeconds() != null) {
            throw new IllegalArgumentException("memorySeconds belongs to absences only");
        }
        return switch (form.kind()) {
            case "threshold" -> new Condition.Threshold(comparison(form), limit(form), window);
            case "rate" -> new Condition.Rate(comparison(form), limit(form), window);
            case "forecast" -> {
                if (form.aheadSeconds() == null) {
                    throw new IllegalArgumentException("a forecast needs aheadSeconds");
                }
                yield new Condition.Forecast(comparison(form), limit(form), window, seconds(form.aheadSeconds(), 0));
            }
            case "absence" -> {
                if (form.comparison() != null || form.limit() != null) {
                    throw new IllegalArgumentException("an absence has no comparison and no limit");
                }
                yield new Condition.Absence(window, seconds(form.memorySeconds(), MEMORY));
            }
            default ->
                throw new IllegalArgumentException(
                        "its kind is \"" + form.kind() + "\", not one of threshold, rate, forecast, absence");
        };
    }

    private static Comparison comparison(AlertRuleWrite form) {
        return Optional.ofNullable(form.comparison())
                .flatMap(Comparison::find)
                .orElseThrow(() -> new IllegalArgumentException("it needs a comparison, one of > < >= <= == !="));
    }

    private static double limit(AlertRuleWrite form) {
        if (form.limit() == null) {
            throw new IllegalArgumentException("it needs a limit");
        }
        return form.limit();
    }

    private static Duration seconds(@Nullable Integer given, int byDefault) {
        return Duration.ofSeconds(given == null ? byDefault : given);
    }

    private static Integer inSeconds(Duration time) {
        return (int) time.toSeconds();
    }

    /** The same rule with nothing left out. */
    public static AlertRuleWrite form(AlertRule rule) {
        Signal signal = rule.signal();
        Condition condition = rule.condition();
        String kind = switch (condition) {
            case Condition.Threshold _ -> "threshold";
            case Condition.Rate _ -> "rate";
            case Condition.Forecast _ -> "forecast";
            case Condition.Absence _ -> "absence";
        };
        Comparison comparison = switch (condition) {
            case Condition.Threshold threshold -> threshold.comparison();
            case Condition.Rate rate -> rate.comparison();
            case Condition.Forecast forecast -> forecast.comparison();
            case Condition.Absence _ -> null;
        };
        Double limit = switch (condition) {
            case Condition.Threshold threshold -> threshold.limit();
            case Condition.Rate rate -> rate.limit();
            case Condition.Forecast forecast -> forecast.limit();
            case Condition.Absence _ -> null;
        };
        return new AlertRuleWrite(
                rule.summary(),
                rule.hint(),
                rule.severity().text(),
                rule.machines(),
                signal.metric(),
                signal.where().stream().map(LabelMatcher::toString).toList(),
                signal.dividedBy(),
                signal.combine().wire(),
                signal.by(),
                kind,
                comparison == null ? null : comparison.sign(),
                limit,
                (int) condition.window().toSeconds(),
                condition instanceof Condition.Forecast forecast ? inSeconds(forecast.ahead()) : null,
                condition instanceof Condition.Absence absence ? inSeconds(absence.memory()) : null,
                (int) rule.lasts().toSeconds(),
                (int) rule.clears().toSeconds(),
                rule.enabled());
    }

    /** For stores: {@link #read} reads it. */
    public static String text(AlertRule rule) {
        AlertRuleWrite form = form(rule);
        Map<String, Object> fields = new HashMap<>();
        fields.put("summary", form.summary());
        fields.put("hint", rule.hint());
        fields.put("severity", form.severity());
        fields.put("machines", rule.machines());
        fields.put("metric", form.metric());
        fields.put(
                "where",
                rule.signal().where().stream().map(LabelMatcher::toString).toList());
        fields.put("combine", rule.signal().combine().wire());
        fields.put("by", rule.signal().by());
        fields.put("kind", form.kind());
        fields.put("enabled", rule.enabled());
        putIfAny(fields, "dividedBy", form.dividedBy());
        putIfAny(fields, "comparison", form.comparison());
        putIfAny(fields, "limit", form.limit());
        putIfAny(fields, "windowSeconds", form.windowSeconds());
        putIfAny(fields, "aheadSeconds", form.aheadSeconds());
        putIfAny(fields, "memorySeconds", form.memorySeconds());
        putIfAny(fields, "lastsSeconds", form.lastsSeconds());
        putIfAny(fields, "clearsSeconds", form.clearsSeconds());
        return JsonText.write(fields);
    }

    private static void putIfAny(Map<String, Object> fields, String name, @Nullable Object value) {
        if (value != null) {
            fields.put(name, value);
        }
    }

    /** Reads what {@link #text} wrote. */
    public static AlertRule read(String name, String text) {
        Map<String, Object> fields = JsonText.readObject(text);
        return rule(
                name,
                new AlertRuleWrite(
                        String.valueOf(fields.get("summary")),
                        string(fields, "hint"),
                        String.valueOf(fields.get("severity")),
                        strings(fields),
                        String.valueOf(fields.get("metric")),
                        list(fields, "where"),
                        string(fields, "dividedBy"),
                        string(fields, "combine"),
                        list(fields, "by"),
                        String.valueOf(fields.get("kind")),
                        string(fields, "comparison"),
                        fields.get("limit") instanceof Number number
                                ? (Double) new BigDecimal(number.toString()).doubleValue()
                                : null,
                        integer(fields, "windowSeconds"),
                        integer(fields, "aheadSeconds"),
                        integer(fields, "memorySeconds"),
                        integer(fields, "lastsSeconds"),
                        integer(fields, "clearsSeconds"),
                        fields.get("enabled") instanceof Boolean on ? on : null));
    }

    private static @Nullable String string(Map<String, Object> fields, String name) {
        return fields.get(name) instanceof String text ? text : null;
    }

    private static @Nullable Integer integer(Map<String, Object> fields, String name) {
        return fields.get(name) instanceof Number number ? (Integer) number.intValue() : null;
    }

    private static List<String> list(Map<String, Object> fields, String name) {
        return fields.get(name) instanceof List<?> items
                ? items.stream().map(String::valueOf).toList()
                : List.of();
    }

    private static Map<String, String> strings(Map<String, Object> fields) {
        Map<String, String> texts = new LinkedHashMap<>();
        if (fields.get("machines") instanceof Map<?, ?> map) {
            map.forEach((key, value) -> texts.put(String.valueOf(key), String.valueOf(value)));
        }
        return texts;
    }
}
