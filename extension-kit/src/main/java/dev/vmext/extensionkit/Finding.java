package dev.vmext.extensionkit;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Something an extension detected. Type and subject say which finding it is: telling the same again is not another one.
 *
 * @param type one of those that extension.json declares under {@code findings}
 * @param subject what it is about: a file, an address, a package; at most 512 characters, more is cut off
 * @param severity where it differs from the declared one
 * @param title one line for people, at most 200 characters
 * @param evidence at most 16 texts of 512 characters under short names
 */
public record Finding(
        String type, String subject, Optional<Severity> severity, String title, Map<String, String> evidence) {
    public Finding {
        Objects.requireNonNull(type);
        Objects.requireNonNull(title);
        if (subject.isBlank()) {
            throw new IllegalArgumentException("a finding is about something: its subject is empty");
        }
        evidence = Collections.unmodifiableMap(new LinkedHashMap<>(evidence));
    }

    /** From the mildest to the worst. */
    public enum Severity {
        INFO,
        LOW,
        MEDIUM,
        HIGH,
        CRITICAL;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public static Finding of(String type, String subject) {
        return new Finding(type, subject, Optional.empty(), "", Map.of());
    }

    public Finding withSeverity(Severity other) {
        return new Finding(type, subject, Optional.of(other), title, evidence);
    }

    public Finding withTitle(String line) {
        return new Finding(type, subject, severity, line, evidence);
    }

    /** One more text that shows why. */
    public Finding withEvidence(String name, String text) {
        Map<String, String> more = new LinkedHashMap<>(evidence);
        more.put(name, text);
        return new Finding(type, subject, severity, title, more);
    }
}
