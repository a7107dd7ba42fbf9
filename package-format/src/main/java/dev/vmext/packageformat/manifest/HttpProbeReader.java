package dev.vmext.packageformat.manifest;

import dev.vmext.packageformat.json.JsonFields;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads the part of a probe that says what is asked over HTTP, and which answer is healthy. */
final class HttpProbeReader {
    private static final int MAX_STATUSES = 20;
    private static final int MAX_HEADERS = 20;
    private static final int MAX_VALUE = 4096;
    private static final Pattern STATUSES = Pattern.compile("([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?");
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

    private HttpProbeReader() {}

    static ProbeCheck.Http read(JsonFields object) {
        String method = object.findText("method").orElse("GET");
        if (!method.equals("GET") && !method.equals("HEAD")) {
            throw object.problem("method", "it is neither GET nor HEAD", "a probe must change nothing");
        }
        String body = ObservationReader.expression(object, "bodyMatch").orElse("");
        if (!body.isEmpty() && method.equals("HEAD")) {
            throw object.problem("bodyMatch", "an answer to HEAD has no body to look into", "ask with GET");
        }
        return new ProbeCheck.Http(object.getWebAddress("url"), method, statuses(object), headers(object), body);
    }

    private static List<ProbeCheck.StatusCodes> statuses(JsonFields object) {
        if (!object.has("statuses")) {
            int status = object.findInt("status", 100, 599).orElse(200);
            return List.of(new ProbeCheck.StatusCodes(status, status));
        }
        if (object.has("status")) {
            throw object.problem("status", "there is statuses too", "write all of them into statuses");
        }
        List<ProbeCheck.StatusCodes> found = new ArrayList<>();
        for (String text : object.texts("statuses")) {
            var parts = STATUSES.matcher(text);
            if (!parts.matches()) {
                throw object.problem(
                        "statuses",
                        "\"" + ExtensionName.shortened(text) + "\" is no status code",
                        "write it as 204 or 200-299");
            }
            int from = Integer.parseInt(parts.group(1));
            int to = parts.group(2) == null ? from : Integer.parseInt(parts.group(2));
            if (to < from) {
                throw object.problem("statuses", text + " ends before it begins", "turn it around");
            }
            found.add(new ProbeCheck.StatusCodes(from, to));
        }
        if (found.isEmpty() || found.size() > MAX_STATUSES) {
            throw object.problem("statuses", "it must have 1 to " + MAX_STATUSES + " entries", "");
        }
        return found;
    }

    /** No message says a value: it may be secret. */
    private static Map<String, String> headers(JsonFields object) {
        Map<String, String> headers = object.textEntries("headers");
        if (headers.size() > MAX_HEADERS) {
            throw object.problem("headers", "there are more than " + MAX_HEADERS, "");
        }
        headers.forEach((name, value) -> {
            if (!HEADER.matcher(name).matches()) {
                throw object.problem("headers", "\"" + ExtensionName.shortened(name) + "\" is no name of a header", "");
            }
            if (RESERVED.contains(name.toLowerCase(Locale.ROOT))) {
                throw object.problem(
                        "headers", "the header " + name + " is set by the connection itself", "leave it away");
            }
            if (value.length() > MAX_VALUE || !value.chars().allMatch(c -> c >= ' ' && c < 127)) {
                throw object.problem(
                        "headers",
                        "the value of " + name + " is longer than " + MAX_VALUE + " characters or not plain ASCII",
                        "");
            }
        });
        return headers;
    }
}
