package dev.vmext.intrusiondetection;

import dev.vmext.extensionkit.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the program {@code report} says, read as a status. The program {@code publish} reads the same text without Java. */
final class Report {
    private static final String LEVELS = "success|error|transitioning|warning";
    private static final Pattern HEADING = Pattern.compile("@status (?<level>" + LEVELS + ") (?<code>[0-9]{1,9})"
            + "|@part (?<part>[A-Za-z0-9-]+) (?<of>" + LEVELS + ")|@end");

    private Report() {}

    /** Throws IllegalArgumentException when it is no report. */
    static Status read(String text) {
        Status status = null;
        List<Status.Part> parts = new ArrayList<>();
        // What a heading begins; before the first one there may be noise of programs, which belongs to nothing.
        Optional<Matcher> heading = Optional.empty();
        List<String> body = new ArrayList<>();
        for (String line : (text + "\n@end").split("\n", -1)) {
            Matcher next = HEADING.matcher(line);
            if (!next.matches()) {
                body.add(line);
                continue;
            }
            if (heading.isPresent()) {
                Matcher known = heading.get();
                String message = String.join("\n", body).strip();
                if (known.group("level") != null) {
                    status = new Status(
                            level(known.group("level")), Integer.parseInt(known.group("code")), message, List.of());
                } else {
                    parts.add(new Status.Part(known.group("part"), level(known.group("of")), 0, message));
                }
            }
            heading = Optional.of(next);
            body.clear();
        }
        if (status == null) {
            throw new IllegalArgumentException(
                    "it has no line @status: " + text.lines().findFirst().orElse("nothing"));
        }
        return new Status(status.level(), status.code(), status.message(), parts);
    }

    private static Status.Level level(String word) {
        return Status.Level.valueOf(word.toUpperCase(Locale.ROOT));
    }
}
