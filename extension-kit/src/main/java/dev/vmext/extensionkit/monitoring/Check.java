package dev.vmext.extensionkit.monitoring;

import dev.vmext.extensionkit.Json;
import java.util.List;
import java.util.Map;

/** What a probe asks. Immutable. */
public sealed interface Check {
    /** Runs a program without a shell; exit code 0 is healthy. A program without leading slash lies in the package. */
    record Command(List<String> words) implements Check {
        public Command {
            words = List.copyOf(words);
            Endpoint.require(
                    !words.isEmpty() && words.stream().noneMatch(String::isEmpty),
                    "a command has a program and no empty words");
        }
    }

    /**
     * Asks over HTTP; redirects are not followed.
     *
     * @param url an http or https address without a password in it
     * @param method {@code GET} or {@code HEAD}
     * @param statuses healthy status codes, as {@code 204} or {@code 200-299}
     * @param headers what the request says besides; may hold secrets
     * @param body a regular expression that the beginning of the answer (64 KiB) must contain somewhere; empty for any
     */
    record Http(String url, String method, List<String> statuses, Map<String, String> headers, String body)
            implements Check {
        public Http {
            statuses = List.copyOf(statuses);
            headers = Map.copyOf(headers);
        }
    }

    /** Opens a connection and closes it. */
    record Tcp(String host, int port) implements Check {}

    /** Looks for a process by its name, of which the kernel keeps 15 letters. */
    record RunningProcess(String name) implements Check {}

    /** A unit of systemd is active. */
    record Unit(String name) implements Check {}

    private static Json.Obj object(String key, String value) {
        return Json.object().with(key, value);
    }

    /** The field of a probe that says what it asks. */
    default Map.Entry<String, Json> field() {
        return switch (this) {
            case Command(List<String> words) -> Map.entry("exec", Json.object().with("command", Endpoint.texts(words)));
            case Http http -> Map.entry("http", http(http));
            case Tcp(String host, int port) ->
                Map.entry("tcp", object("host", host).with("port", port));
            case RunningProcess(String name) -> Map.entry("process", object("name", name));
            case Unit(String name) -> Map.entry("unit", object("name", name));
        };
    }

    private static Json http(Http http) {
        Json.Obj object = object("url", http.url())
                .with("method", http.method())
                .with("statuses", Endpoint.texts(http.statuses()));
        if (!http.headers().isEmpty()) {
            object = object.with("headers", Endpoint.texts(http.headers()));
        }
        return http.body().isEmpty() ? object : object.with("bodyMatch", http.body());
    }
}
