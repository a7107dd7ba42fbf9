package dev.vmext.agent.metrics;

import dev.vmext.protocol.metrics.MetricKind;
import dev.vmext.protocol.metrics.PrometheusText;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the Prometheus text format 0.0.4, and OpenMetrics 1.0 as far as it is the same: exemplars, units and times of creation are
 * stepped over. Nothing is kept but the present line. One thread.
 */
final class Exposition {
    /** Takes the samples as they are read. */
    interface Taker {
        /**
         * Takes one sample.
         *
         * @param labels changes after the call: copy it
         * @param timeMillis since 1970, null when the sample has no time of its own
         */
        void sample(String name, Map<String, String> labels, MetricKind kind, @Nullable Long timeMillis, double value);
    }

    private final boolean openMetrics;
    private final Taker taker;
    private final Map<String, String> labels = new HashMap<>();
    private Family family = Family.NONE;
    private boolean ended;
    private String line = "";
    private int at;
    private int number;

    private Exposition(boolean openMetrics, Taker taker) {
        this.openMetrics = openMetrics;
        this.taker = taker;
    }

    /**
     * Reads to the end.
     *
     * @param contentType as the answer says; decides between the two formats
     * @throws ExpositionException with the line and the reason, when it is no such text; samples before that line were handed on
     */
    static void read(InputStream in, String contentType, long maxBytes, Taker taker) throws IOException {
        Exposition reading = new Exposition(contentType.startsWith("application/openmetrics-text"), taker);
        Lines lines = new Lines(in, maxBytes);
        for (String line = lines.next(); line != null && !reading.ended; line = lines.next()) {
            reading.number = lines.number();
            reading.line = line;
            reading.at = 0;
            reading.line();
        }
        if (reading.openMetrics && !reading.ended) {
            throw new ExpositionException("it is cut off: the line \"# EOF\" is missing");
        }
    }

    private void line() throws ExpositionException {
        blanks();
        if (at == line.length()) {
            return;
        }
        if (line.charAt(at) == '#') {
            comment();
            return;
        }
        labels.clear();
        String name = line.charAt(at) == '{' ? "" : name(true);
        blanks();
        if (at < line.length() && line.charAt(at) == '{') {
            name = labels(name);
        }
        if (name.isEmpty()) {
            throw wrong("a sample has no name");
        }
        blanks();
        double value = value(word());
        blanks();
        Long time = null;
        if (at < line.length() && line.charAt(at) != '#') {
            time = time(word());
            blanks();
        }
        if (at < line.length() && line.charAt(at) != '#') {
            throw wrong("\"" + shown(line.substring(at)) + "\" after the value is not understood");
        }
        String bound = family.boundLabel(name);
        if (!bound.isEmpty()) {
            labels.computeIfPresent(bound, (label, text) -> normal(text));
        }
        taker.sample(name, labels, family.kindOf(name), time, value);
    }

    private void comment() throws ExpositionException {
        at++;
        blanks();
        String keyword = at < line.length() ? word() : "";
        if (keyword.equals("EOF") && openMetrics) {
            ended = true;
        }
        if (!keyword.equals("TYPE")) {
            return;
        }
        blanks();
        if (at == line.length()) {
            throw wrong("a type has no name");
        }
        String name = line.charAt(at) == '"' ? PrometheusText.toName(quoted(), true) : word();
        blanks();
        family = new Family(name, Family.type(at < line.length() ? word() : ""));
    }

    /** Reads what is in braces. Answers the name of the sample, which newer programs may write there in quotes. */
    private String labels(String before) throws ExpositionException {
        String name = before;
        at++;
        while (true) {
            blanks();
            if (at == line.length()) {
                throw wrong("a brace is not closed");
            }
            if (line.charAt(at) == '}') {
                at++;
                return name;
            }
            boolean quoted = line.charAt(at) == '"';
            String label = quoted ? quoted() : name(false);
            blanks();
            if (at < line.length() && line.charAt(at) == '=') {
                at++;
                blanks();
                if (at == line.length() || line.charAt(at) != '"') {
                    throw wrong("the value of label " + shown(label) + " is not in quotes");
                }
                labels.put(quoted ? PrometheusText.toName(label, false) : label, quoted());
            } else if (quoted && name.isEmpty()) {
                name = PrometheusText.toName(label, true);
            } else {
                throw wrong("label " + shown(label) + " has no value");
            }
            blanks();
            if (at < line.length() && line.charAt(at) == ',') {
                at++;
            } else if (at == line.length() || line.charAt(at) != '}') {
                throw wrong("there is no comma after label " + shown(label));
            }
        }
    }

    private String name(boolean metric) throws ExpositionException {
        int from = at;
        while (at < line.length() && isNamePart(line.charAt(at), at == from, metric)) {
            at++;
        }
        if (at == from) {
            throw wrong("\"" + shown(line.substring(from)) + "\" is no name of a " + (metric ? "metric" : "label"));
        }
        return line.substring(from, at);
    }

    private static boolean isNamePart(char c, boolean first, boolean colon) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || c == '_'
                || (c >= '0' && c <= '9' && !first)
                || (c == ':' && colon);
    }

    private String quoted() throws ExpositionException {
        int from = ++at;
        StringBuilder text = null;
        while (at < line.length()) {
            char c = line.charAt(at);
            if (c == '"') {
                String whole = text == null ? line.substring(from, at) : text.toString();
                at++;
                return whole;
            }
            if (c == '\\' && at + 1 < line.length()) {
                if (text == null) {
                    text = new StringBuilder(line.length()).append(line, from, at);
                }
                char escaped = line.charAt(++at);
                switch (escaped) {
                    case 'n' -> text.append('\n');
                    case '\\', '"' -> text.append(escaped);
                    default -> text.append('\\').append(escaped);
                }
            } else if (text != null) {
                text.append(c);
            }
            at++;
        }
        throw wrong("a quote is not closed");
    }

    private String word() {
        int from = at;
        while (at < line.length() && line.charAt(at) != ' ' && line.charAt(at) != '\t') {
            at++;
        }
        return line.substring(from, at);
    }

    private void blanks() {
        while (at < line.length() && (line.charAt(at) == ' ' || line.charAt(at) == '\t')) {
            at++;
        }
    }

    private double value(String word) throws ExpositionException {
        if (word.isEmpty()) {
            throw wrong("a sample has no value");
        }
        Double value = number(word);
        if (value == null) {
            throw wrong("\"" + shown(word) + "\" is no number");
        }
        return value;
    }

    /** As programs of the field write numbers; what only Java takes is refused. */
    private static @Nullable Double number(String word) {
        String bare = word.startsWith("+") || word.startsWith("-") ? word.substring(1) : word;
        if (bare.equalsIgnoreCase("inf") || bare.equalsIgnoreCase("infinity")) {
            return word.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        if (bare.equalsIgnoreCase("nan")) {
            return Double.NaN;
        }
        for (int i = 0; i < bare.length(); i++) {
            char c = bare.charAt(i);
            if ((c < '0' || c > '9') && c != '.' && c != 'e' && c != 'E' && c != '+' && c != '-') {
                return null;
            }
        }
        try {
            return Double.valueOf(word);
        } catch (NumberFormatException notANumber) {
            return null;
        }
    }

    private long time(String word) throws ExpositionException {
        Double time = number(word);
        if (time == null || !Double.isFinite(time)) {
            throw wrong("\"" + shown(word) + "\" is no time");
        }
        return Math.round(openMetrics ? time * 1000 : time);
    }

    private static String normal(String bound) {
        Double value = number(bound);
        return value == null ? bound : PrometheusText.bound(value);
    }

    private static String shown(String text) {
        return text.length() > 60 ? text.substring(0, 60) + "..." : text;
    }

    private ExpositionException wrong(String why) {
        return new ExpositionException("line " + number + ": " + why);
    }
}
