package dev.vmext.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the agent says of a rehearsal, one line of JSON per scenario, as a person or a program wants it. One thread. */
final class RehearsalReport {
    private final boolean people;
    private final PrintStream out;
    private final List<JsonNode> results = new ArrayList<>();

    /**
     * @param people whether each result is printed as soon as it is there
     */
    RehearsalReport(boolean people, PrintStream out) {
        this.people = people;
        this.out = out;
    }

    /** Takes a line; what is no result is shown as it is. */
    void line(String text) {
        JsonNode result = parse(text);
        if (result.path("scenario").isTextual()) {
            results.add(result);
            if (people) {
                print(result);
            }
        } else if (people) {
            out.println(text);
        }
    }

    private static JsonNode parse(String text) {
        try {
            return Json.MAPPER.readTree(text);
        } catch (JsonProcessingException noResult) {
            return MissingNode.getInstance();
        }
    }

    private void print(JsonNode result) {
        String outcome = result.path("outcome").asText();
        String message = result.path("message").asText();
        out.println(String.format(
                Locale.ROOT,
                "  %-8s %-16s %s (%.1f s)",
                outcome,
                result.path("scenario").asText(),
                result.path("title").asText(),
                result.path("millis").asLong() / 1000.0));
        if (outcome.equals("ok")) {
            return;
        }
        out.println("           " + message);
        String hint = result.path("hint").asText();
        if (!hint.isEmpty()) {
            out.println("           What to do: " + hint);
        }
    }

    List<JsonNode> results() {
        return List.copyOf(results);
    }

    /** Whether the agent got as far as to say what is wrong. */
    boolean complete() {
        return count("failed") > 0;
    }

    private long count(String outcome) {
        return results.stream()
                .filter(result -> result.path("outcome").asText().equals(outcome))
                .count();
    }

    void summary() {
        long failed = count("failed");
        long skipped = count("skipped");
        out.println(count("ok") + " good" + (failed > 0 ? ", " + failed + " FAILED" : "")
                + (skipped > 0 ? ", " + skipped + " left out" : "") + ".");
    }
}
