package dev.vmext.agent.rehearse;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How one scenario ended.
 *
 * @param title what it shows, in words
 * @param message why it failed or was left out; what was seen when it is good
 * @param hint what to do, may be empty
 */
public record Result(String scenario, String title, Word word, long millis, String message, String hint) {
    /** The three ends of a scenario. */
    public enum Word {
        OK("ok"),
        FAILED("failed"),
        SKIPPED("skipped");

        private final String text;

        Word(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    /** For a line of JSON. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("scenario", scenario);
        map.put("title", title);
        map.put("outcome", word.text());
        map.put("millis", millis);
        map.put("message", message);
        map.put("hint", hint);
        return map;
    }
}
