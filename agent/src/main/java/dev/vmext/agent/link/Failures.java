package dev.vmext.agent.link;

import dev.vmext.agent.json.JsonTree;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the network's failures mean, in words. Holds nothing, any thread. */
final class Failures {
    private Failures() {}

    /** Some exceptions of the network carry no text, and TLS hides its reason one level deeper. */
    static String describe(Throwable failed) {
        StringBuilder text = new StringBuilder();
        @Nullable Throwable at = failed;
        for (int depth = 0; at != null && depth < 4; depth++) {
            String message = at.getMessage();
            String shown = message == null || message.isBlank() ? at.getClass().getSimpleName() : message;
            if (text.indexOf(shown) < 0) {
                text.append(text.isEmpty() ? "" : ": ").append(shown);
            }
            at = at.getCause();
        }
        return text.toString();
    }

    /** What an answer other than yes means. */
    static Refusal refusal(String gateway, int status, HttpHeaders headers, byte[] body) {
        return new Refusal(
                status,
                "gateway " + gateway + " refuses the connection with " + status + explanation(body),
                retryAfter(headers));
    }

    /** How long the gateway wants to be left alone, null when it does not say. */
    static @Nullable Duration retryAfter(HttpHeaders headers) {
        return headers.firstValue("Retry-After").flatMap(Failures::seconds).orElse(null);
    }

    /** The problem document in words, empty when there is none. */
    private static String explanation(byte[] body) {
        try {
            if (body.length > 0
                    && body.length < 16_384
                    && JsonTree.parse(body) instanceof Map<?, ?> problem
                    && problem.get("detail") instanceof String detail) {
                Object hint = problem.get("hint");
                Object code = problem.get("code");
                return ": " + detail + (hint instanceof String text && !text.isEmpty() ? "; " + text : "")
                        + (code instanceof String word ? " (" + word + ")" : "");
            }
            return "";
        } catch (IOException noExplanation) {
            return "";
        }
    }

    private static Optional<Duration> seconds(String header) {
        try {
            return Optional.of(Duration.ofSeconds(Math.clamp(Long.parseLong(header.strip()), 0, 3600)));
        } catch (NumberFormatException aDate) {
            return Optional.empty();
        }
    }
}
