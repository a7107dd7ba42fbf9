package dev.vmext.server.http;

import dev.vmext.fleet.Principal;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.json.StrictJson;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;
import org.jspecify.annotations.Nullable;

/** One request as a route sees it. Lives as long as the answer takes, on the thread that answers. */
final class Call {
    private final Map<String, String> path;
    private final Map<String, String> query;
    private final HttpFields headers;
    private final @Nullable Principal principal;
    private final Optional<String> sessionCookie;
    private final InputStream body;
    private final long bodyLimit;

    Call(
            Map<String, String> path,
            Map<String, String> query,
            HttpFields headers,
            Caller caller,
            InputStream body,
            long bodyLimit) {
        this.path = Map.copyOf(path);
        this.query = Map.copyOf(query);
        this.headers = headers;
        this.principal = caller.principal();
        this.sessionCookie = caller.sessionCookie();
        this.body = body;
        this.bodyLimit = bodyLimit;
    }

    /** Who calls; only a public route has none. */
    Principal principal() {
        if (principal == null) {
            throw new IllegalStateException("a public route asks who is calling");
        }
        return principal;
    }

    Optional<String> sessionCookie() {
        return sessionCookie;
    }

    String path(String name) {
        String value = path.get(name);
        if (value == null) {
            throw new IllegalStateException("the route's path has no place " + name);
        }
        return value;
    }

    Optional<String> query(String name) {
        return Optional.ofNullable(query.get(name));
    }

    int query(String name, int byDefault, int low, int high) {
        Optional<String> text = query(name);
        if (text.isEmpty()) {
            return byDefault;
        }
        try {
            int value = Integer.parseInt(text.get());
            if (value >= low && value <= high) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Falls through to the same problem: not a number in range.
        }
        throw new ProblemException(
                ProblemCode.INVALID_VALUE,
                "cannot read query parameter " + name + ": it must be a number from " + low + " to " + high,
                "Correct the parameter or leave it away for " + byDefault + ".");
    }

    boolean query(String name, boolean byDefault) {
        return switch (query(name).orElse(byDefault ? "true" : "false")) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw new ProblemException(
                        ProblemCode.INVALID_VALUE,
                        "cannot read query parameter " + name + ": it must be true or false",
                        "Correct the parameter or leave it away for " + byDefault + ".");
        };
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    /** The body as this record. */
    <T extends Record> T body(Class<T> type) throws IOException {
        String mediaType = header("Content-Type").orElse("").toLowerCase(Locale.ROOT);
        int semicolon = mediaType.indexOf(';');
        if (!(semicolon < 0 ? mediaType : mediaType.substring(0, semicolon))
                .strip()
                .equals("application/json")) {
            throw new ProblemException(
                    ProblemCode.MALFORMED_REQUEST,
                    "cannot read the request: its Content-Type is "
                            + (mediaType.isEmpty() ? "missing" : "not application/json"),
                    "Send JSON with Content-Type: application/json.");
        }
        return StrictJson.read(body, bodyLimit, type);
    }

    /** The body as it is; reading more than the route's limit fails with request-too-large. */
    InputStream body() {
        return new LimitedInput(body, bodyLimit);
    }
}
