package dev.vmext.protocol.finding;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One sight of something that was detected on a machine: that it is there, or that it is there no more. Which finding it is about
 * follows from installation, type and subject; saying it again is not another finding. Texts are cleaned: control characters of subject
 * and title become U+FFFD, and so do those of evidence except line breaks and tabs. Out of limits is an
 * {@code IllegalArgumentException}; {@link #fitting} cuts instead.
 *
 * @param installation which found it, empty when it is the agent's own
 * @param extension what is installed there, empty when it is the agent's own
 * @param type of those that the extension declares, or one of the agent's own such as {@code findings-lost}
 * @param subject what it is about: a file, an address, a package; 1 to 512 characters
 * @param resolved whether it is there no more
 * @param title one line for people, at most 200 characters, may be empty
 * @param evidence at most 16 texts of 512 characters under names of 64
 * @param at when it was seen, by the machine's clock
 * @param age after which it counts as resolved when nobody saw it again; null for the control plane's own word
 */
public record FindingReport(
        String installation,
        String extension,
        String type,
        String subject,
        FindingSeverity severity,
        boolean resolved,
        String title,
        Map<String, String> evidence,
        Instant at,
        @Nullable Duration age) {
    public static final int MAX_SUBJECT = 512;
    public static final int MAX_TITLE = 200;
    public static final int MAX_EVIDENCE = 16;
    public static final int MAX_EVIDENCE_NAME = 64;
    public static final int MAX_EVIDENCE_TEXT = 512;
    /** Of subject, title and evidence together, in characters. */
    public static final int MAX_TEXT = 3072;

    public static final Duration SHORTEST_AGE = Duration.ofMinutes(1);
    public static final Duration LONGEST_AGE = Duration.ofDays(3650);

    private static final Pattern TYPE = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final int MAX_NAME = 128;

    public FindingReport {
        Objects.requireNonNull(severity);
        Objects.requireNonNull(at);
        limit("installation", installation, MAX_NAME);
        limit("extension", extension, MAX_NAME);
        if (!validType(type)) {
            throw new IllegalArgumentException("the type is not of lower-case letters, digits and hyphens");
        }
        subject = clean(subject, false);
        title = clean(title, false);
        limit("subject", subject, MAX_SUBJECT);
        limit("title", title, MAX_TITLE);
        if (subject.isBlank()) {
            throw new IllegalArgumentException("the subject is empty");
        }
        if (evidence.size() > MAX_EVIDENCE) {
            throw new IllegalArgumentException("there are more than " + MAX_EVIDENCE + " texts of evidence");
        }
        Map<String, String> cleaned = new TreeMap<>();
        int total = subject.length() + title.length();
        for (Map.Entry<String, String> one : evidence.entrySet()) {
            String name = clean(one.getKey(), false);
            String text = clean(one.getValue(), true);
            limit("name of evidence", name, MAX_EVIDENCE_NAME);
            limit("evidence", text, MAX_EVIDENCE_TEXT);
            total += name.length() + text.length();
            cleaned.put(name, text);
        }
        if (total > MAX_TEXT) {
            throw new IllegalArgumentException("all texts together are longer than " + MAX_TEXT + " characters");
        }
        if (age != null && (age.compareTo(SHORTEST_AGE) < 0 || age.compareTo(LONGEST_AGE) > 0)) {
            throw new IllegalArgumentException("the age is not from one minute to ten years");
        }
        evidence = Collections.unmodifiableMap(cleaned);
    }

    /** Whether this can be the name of a sort of findings. */
    public static boolean validType(String type) {
        return TYPE.matcher(type).matches();
    }

    /** The same, with whatever is too long cut off, and evidence left out that has no room; only type and empty subjects are refused. */
    public static FindingReport fitting(
            String installation,
            String extension,
            String type,
            String subject,
            FindingSeverity severity,
            boolean resolved,
            String title,
            Map<String, String> evidence,
            Instant at,
            @Nullable Duration age) {
        String what = cut(subject, MAX_SUBJECT);
        String line = cut(title, MAX_TITLE);
        int room = MAX_TEXT - what.length() - line.length();
        Map<String, String> kept = new TreeMap<>();
        for (Map.Entry<String, String> one : new TreeMap<>(evidence).entrySet()) {
            String name = cut(one.getKey(), MAX_EVIDENCE_NAME);
            String text = cut(one.getValue(), MAX_EVIDENCE_TEXT);
            if (kept.size() < MAX_EVIDENCE && name.length() + text.length() <= room) {
                room -= name.length() + text.length();
                kept.put(name, text);
            }
        }
        return new FindingReport(installation, extension, type, what, severity, resolved, line, kept, at, age);
    }

    /** What it is about, and so which finding it is, apart from the machine. */
    public record Key(String installation, String type, String subject) {}

    public Key key() {
        return new Key(installation, type, subject);
    }

    private static void limit(String what, String text, int most) {
        if (text.length() > most) {
            throw new IllegalArgumentException("the " + what + " is longer than " + most + " characters");
        }
    }

    private static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        boolean between = Character.isHighSurrogate(text.charAt(most - 1));
        return text.substring(0, between ? most - 1 : most);
    }

    /** Names of files come from attackers too: what goes to terminals and tables must not steer them. */
    private static String clean(String text, boolean lines) {
        StringBuilder cleaned = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean kept = !Character.isISOControl(c) || (lines && (c == '\n' || c == '\t'));
            boolean whole = !Character.isSurrogate(c) || paired(text, i);
            if (!(kept && whole)) {
                cleaned = cleaned == null ? new StringBuilder(text) : cleaned;
                cleaned.setCharAt(i, '\uFFFD');
            }
        }
        return cleaned == null ? text : cleaned.toString();
    }

    private static boolean paired(String text, int i) {
        return Character.isHighSurrogate(text.charAt(i))
                ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    }
}
