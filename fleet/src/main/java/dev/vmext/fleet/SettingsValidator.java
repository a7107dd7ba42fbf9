package dev.vmext.fleet;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Holds settings against a JSON Schema draft-07. May keep compiled schemas, keyed by their text. Called inside a transaction: no I/O. */
public interface SettingsValidator {
    /** All faults, empty when the settings fit. */
    List<Fault> validate(String schema, Map<String, Object> settings);

    /**
     * One place where settings do not fit.
     *
     * @param path JSON pointer such as {@code /rules/0/port}, empty for the whole object
     * @param message what is wrong, without the value (it may be secret)
     * @param unknownKey true when the schema does not know this key; then path ends with it
     * @param suggestion the known key that is probably meant, empty when none is near
     */
    record Fault(String path, String message, boolean unknownKey, String suggestion) {
        public Fault {
            Objects.requireNonNull(path);
            Objects.requireNonNull(message);
            Objects.requireNonNull(suggestion);
        }
    }
}
