package dev.vmext.packageformat.json;

import java.util.LinkedHashSet;
import java.util.Set;

/** The field names an object may have, and whether others are an error or are ignored. */
public record JsonShape(Set<String> fields, boolean closed) {
    public JsonShape {
        fields = java.util.Collections.unmodifiableSet(new LinkedHashSet<>(fields));
    }

    /** Other fields are errors. */
    public static JsonShape closed(String... fields) {
        return new JsonShape(Set.of(fields), true);
    }

    /** Other fields are ignored. */
    public static JsonShape open(String... fields) {
        return new JsonShape(Set.of(fields), false);
    }
}
