package dev.vmext.extensionkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A status as a program of an extension writes it on its standard output, read for the handler. The program {@code vmext-status} of
 * this kit reads the same text without Java, so that what the handler says and what is said while no handler runs are always the
 * same. The text is
 *
 * <pre>
 * &#64;status LEVEL CODE
 * the message, of any number of lines
 * &#64;part NAME LEVEL
 * its message
 * </pre>
 *
 * with LEVEL one of success, warning, error, transitioning. What stands before the first heading belongs to nothing.
 */
public final class StatusText {
    private static final String LEVELS = "success|error|transitioning|warning";
    private static final Pattern HEADING = Pattern.compile("@status (?<level>" + LEVELS + ") (?<code>[0-9]{1,9})"
            + "|@part (?<part>[A-Za-z0-9-]+) (?<of>" + LEVELS + ")|@end");

    private StatusText() {}

    /**
     * Reads a program's output.
     *
     * @throws IllegalArgumentException when it has no heading of a status
     */
    public static Status read(String text) {
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
