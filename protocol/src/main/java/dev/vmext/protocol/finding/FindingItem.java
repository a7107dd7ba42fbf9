package dev.vmext.protocol.finding;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a machine's book of findings.
 *
 * @param number its place in the book, from 1, growing
 * @param mark chance text of this entry: another one under the same number is another entry, of a book put back from a copy
 * @param report what was seen, the newest time it was
 * @param times how often it was seen, from 1
 * @param first when it was seen first; {@code report.at} is the last time
 */
public record FindingItem(long number, String mark, FindingReport report, long times, Instant first) {
    public static final int MAX_MARK = 32;

    public FindingItem {
        Objects.requireNonNull(report);
        Objects.requireNonNull(first);
        if (number < 1 || times < 1) {
            throw new IllegalArgumentException("numbers and times begin at 1");
        }
        if (mark.isEmpty() || mark.length() > MAX_MARK) {
            throw new IllegalArgumentException("a mark has 1 to " + MAX_MARK + " characters");
        }
    }

    /** The fields of this entry, into the object that was begun. */
    public void write(JsonWriter json) {
        json.number("number", number)
                .text("mark", mark)
                .number("times", times)
                .text("first", first.toString())
                .text("at", report.at().toString())
                .text("installation", report.installation())
                .text("extension", report.extension())
                .text("type", report.type())
                .text("subject", report.subject())
                .text("severity", report.severity().wire())
                .text("state", report.resolved() ? "resolved" : "open")
                .text("title", report.title())
                .strings("evidence", report.evidence());
        Duration age = report.age();
        if (age != null) {
            json.number("ageSec", age.toSeconds());
        }
    }

    public byte[] encode() {
        JsonWriter json = new JsonWriter();
        write(json);
        return json.toBytes();
    }

    /** Throws {@link dev.vmext.protocol.problem.ProblemException} for anything else. */
    public static FindingItem decode(byte[] json) {
        JsonReader in = new JsonReader("a finding", json, FindingBatch.MAX_BYTES);
        in.document();
        FindingItem item = read(in);
        in.end();
        return item;
    }

    /** The object that the reader stands in. */
    static FindingItem read(JsonReader in) {
        long number = 0;
        long times = 1;
        String mark = "";
        @Nullable Instant first = null;
        @Nullable Instant at = null;
        String installation = "";
        String extension = "";
        @Nullable String type = null;
        @Nullable String subject = null;
        @Nullable FindingSeverity severity = null;
        @Nullable Boolean resolved = null;
        String title = "";
        Map<String, String> evidence = Map.of();
        @Nullable Duration age = null;
        while (in.nextField()) {
            switch (in.name()) {
                case "number" -> number = in.integer();
                case "times" -> times = in.integer();
                case "mark" -> mark = in.string(MAX_MARK);
                case "first" -> first = in.instant();
                case "at" -> at = in.instant();
                case "installation" -> installation = in.string();
                case "extension" -> extension = in.string();
                case "type" -> type = in.string();
                case "subject" -> subject = in.string();
                case "severity" ->
                    severity = FindingSeverity.find(in.string(32))
                            .orElseThrow(() -> in.refused("there is no such severity"));
                case "state" ->
                    resolved = switch (in.string(32)) {
                        case "open" -> false;
                        case "resolved" -> true;
                        default -> throw in.refused("it must be open or resolved");
                    };
                case "title" -> title = in.string();
                case "evidence" -> evidence = new LinkedHashMap<>(in.strings());
                case "ageSec" -> age = seconds(in);
                default -> in.skip();
            }
        }
        if (at == null) {
            throw in.missing("at");
        }
        if (type == null) {
            throw in.missing("type");
        }
        if (subject == null) {
            throw in.missing("subject");
        }
        if (severity == null) {
            throw in.missing("severity");
        }
        if (resolved == null) {
            throw in.missing("state");
        }
        try {
            return new FindingItem(
                    number,
                    mark,
                    new FindingReport(
                            installation, extension, type, subject, severity, resolved, title, evidence, at, age),
                    times,
                    first == null || first.isAfter(at) ? at : first);
        } catch (IllegalArgumentException e) {
            throw in.refused(String.valueOf(e.getMessage()));
        }
    }

    private static Duration seconds(JsonReader in) {
        long seconds = in.integer();
        if (seconds < FindingReport.SHORTEST_AGE.toSeconds() || seconds > FindingReport.LONGEST_AGE.toSeconds()) {
            throw in.refused("it must be from one minute to ten years");
        }
        return Duration.ofSeconds(seconds);
    }
}
