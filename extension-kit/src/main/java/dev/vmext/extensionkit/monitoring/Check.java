package dev.vmext.extensionkit.monitoring;

import static dev.vmext.extensionkit.monitoring.Endpoint.require;

import dev.vmext.extensionkit.Json;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** What a probe asks. Immutable. */
public sealed interface Check {
    /** Runs a program without a shell; exit code 0 is healthy. A program without leading slash lies in the package. */
    record Command(List<String> words) implements Check {
        /** An {@link IllegalArgumentException} says in words what is wrong. */
        public Command {
            words = List.copyOf(words);
            require(
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
        private static final Pattern STATUS = Pattern.compile("[1-5][0-9]{2}(-[1-5][0-9]{2})?");
        private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}");
        /** What the connection itself says. */
        private static final Set<String> RESERVED = Set.of(
                "connection",
                "content-length",
                "expect",
                "host",
                "keep-alive",
                "te",
                "trailer",
                "transfer-encoding",
                "upgrade");

        /** An {@link IllegalArgumentException} says in words what is wrong, without the value of a header. */
        public Http {
            statuses = List.copyOf(statuses);
            headers = Map.copyOf(headers);
            require(
                    Endpoint.Address.Url.FORM.matcher(url).matches(),
                    "the address must look like http://127.0.0.1:8080/health");
            require(method.equals("GET") || method.equals("HEAD"), "the method must be GET or HEAD");
            require(!statuses.isEmpty() && statuses.size() <= 20, "there must be 1 to 20 healthy status codes");
            for (String status : statuses) {
                require(
                        STATUS.matcher(status).matches()
                                && (status.length() == 3
                                        || status.substring(0, 3).compareTo(status.substring(4)) <= 0),
                        "\"" + status + "\" is neither a status code like 204 nor a range like 200-299");
            }
            require(headers.size() <= 20, "there are more than 20 headers");
            headers.forEach((name, value) -> {
                require(HEADER.matcher(name).matches(), "\"" + name + "\" is no name of a header");
                require(
                        !RESERVED.contains(name.toLowerCase(Locale.ROOT)),
                        "the header " + name + " is set by the connection itself");
                require(
                        value.length() <= 4096 && value.chars().allMatch(c -> c >= ' ' && c < 127),
                        "the value of the header " + name + " is longer than 4096 letters or not plain ASCII");
            });
            require(body.isEmpty() || method.equals("GET"), "an answer to HEAD has no body to look into");
            Endpoint.expressions(body.isEmpty() ? List.of() : List.of(body));
        }
    }

    /** Opens a connection and closes it. */
    record Tcp(String host, int port) implements Check {
        /** An {@link IllegalArgumentException} says in words what is wrong. */
        public Tcp {
            require(!host.isBlank() && host.length() <= 253, "the host must have 1 to 253 letters");
            require(port >= 1 && port <= 65_535, "the port must be from 1 to 65535");
        }
    }

    /** Looks for a process by its name, of which the kernel keeps 15 letters. */
    record RunningProcess(String name) implements Check {
        /** An {@link IllegalArgumentException} says in words what is wrong. */
        public RunningProcess {
            require(
                    !name.isBlank() && name.indexOf('/') < 0 && name.length() <= 255,
                    "the name of a process has 1 to 255 letters and no slash");
        }
    }

    /** A unit of systemd is active. */
    record Unit(String name) implements Check {
        private static final Pattern FORM = Pattern.compile("(?!-)[A-Za-z0-9:_.\\\\@-]{1,255}");

        /** An {@link IllegalArgumentException} says in words what is wrong. */
        public Unit {
            require(FORM.matcher(name).matches(), "the name of a unit looks like nginx.service");
        }
    }

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
