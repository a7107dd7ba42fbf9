package dev.vmext.extensionkit.monitoring;

import dev.vmext.extensionkit.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

/**
 * An endpoint in the Prometheus text format that the agent reads again and again. Immutable.
 *
 * @param name of the source, unique in the installation; samples carry it as the label {@code source}
 * @param address where it is
 * @param intervalSec time between two readings, 1 s to a day
 * @param timeoutSec time for one reading, 1 s to a day
 * @param maxSeries how many series are taken, 1 to 20,000; what comes after them is left away, and the agent tells a finding
 * @param keep regular expressions on whole names of metrics: when there are any, only those are taken
 * @param drop regular expressions on whole names of metrics that are left away, also of those to keep
 * @param labels that every sample gets
 */
public record Endpoint(
        String name,
        Address address,
        int intervalSec,
        int timeoutSec,
        int maxSeries,
        List<String> keep,
        List<String> drop,
        Map<String, String> labels) {

    /** The most series of one endpoint. */
    public static final int MOST_SERIES = 20_000;

    /** Names of endpoints and of probes. */
    public static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

    private static final int LONGEST = 1000;
    private static final Pattern LABEL = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]{0,127}");
    /** The agent and the control plane say these. */
    private static final List<String> RESERVED = List.of("installation", "machine", "source");

    /** Where an endpoint is. */
    public sealed interface Address {
        /** An http or https address without a password in it. */
        record Url(String url) implements Address {
            static final Pattern FORM = Pattern.compile("https?://[^@\\s/]+(/\\S*)?");

            public Url {
                require(FORM.matcher(url).matches(), "the address must look like http://127.0.0.1:9100/metrics");
            }
        }

        /** A UNIX socket on the machine, on which HTTP is spoken, and the path to ask for there. */
        record Socket(String file, String path) implements Address {
            public Socket {
                require(
                        file.startsWith("/") && file.length() <= 107,
                        "the socket must be an absolute path of at most 107 letters");
                require(
                        path.startsWith("/") && path.chars().noneMatch(c -> c <= ' '),
                        "the path must begin with / and have no spaces");
            }
        }
    }

    /** Checks all of it; an {@link IllegalArgumentException} says in words what is wrong. */
    public Endpoint {
        require(NAME.matcher(name).matches(), "the name must be lower-case letters, digits and hyphens, at most 63");
        require(intervalSec >= 1 && intervalSec <= 86_400, "the interval must be from 1 to 86400 seconds");
        require(
                timeoutSec >= 1 && timeoutSec <= intervalSec,
                "the time for one reading must be from 1 second to the interval");
        require(maxSeries >= 1 && maxSeries <= MOST_SERIES, "the most series must be from 1 to " + MOST_SERIES);
        keep = expressions(keep);
        drop = expressions(drop);
        labels = Map.copyOf(labels);
        for (Map.Entry<String, String> label : labels.entrySet()) {
            String key = label.getKey();
            require(LABEL.matcher(key).matches() && !key.startsWith("__"), "\"" + key + "\" is no name of a label");
            require(!RESERVED.contains(key), "the label " + key + " is set by vmext itself");
            require(label.getValue().length() <= 256, "the label " + key + " is longer than 256 letters");
        }
    }

    static List<String> expressions(List<String> texts) {
        for (String text : texts) {
            try {
                Pattern.compile(text);
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(
                        "\"" + text + "\" is no regular expression: " + e.getDescription(), e);
            }
        }
        require(
                anyOf(texts).length() <= LONGEST,
                "the regular expressions are longer than " + LONGEST + " letters together");
        return List.copyOf(texts);
    }

    /** One expression for all, as the agent takes it. */
    private static String anyOf(List<String> texts) {
        return texts.size() == 1
                ? texts.getFirst()
                : texts.stream().map(text -> "(?:" + text + ")").collect(Collectors.joining("|"));
    }

    static void require(boolean fine, String otherwise) {
        if (!fine) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    Json json() {
        Json.Obj object = Json.object().with("name", name);
        object = switch (address) {
            case Address.Url(String url) -> object.with("url", url);
            case Address.Socket(String file, String path) ->
                object.with("socket", file).with("path", path);
        };
        object = object.with("intervalSec", intervalSec)
                .with("timeoutSec", timeoutSec)
                .with("maxSeries", maxSeries);
        if (!keep.isEmpty()) {
            object = object.with("keep", anyOf(keep));
        }
        if (!drop.isEmpty()) {
            object = object.with("drop", anyOf(drop));
        }
        return labels.isEmpty() ? object : object.with("labels", texts(labels));
    }

    static Json texts(List<String> texts) {
        List<Json> items = new ArrayList<>();
        texts.forEach(text -> items.add(new Json.Str(text)));
        return new Json.Arr(items);
    }

    static Json texts(Map<String, String> texts) {
        Json.Obj object = Json.object();
        for (Map.Entry<String, String> text : new TreeMap<>(texts).entrySet()) {
            object = object.with(text.getKey(), text.getValue());
        }
        return object;
    }
}
