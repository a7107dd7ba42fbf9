package dev.vmext.agent.cause;

import dev.vmext.protocol.status.CauseClass;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line that programs are known to print when they fail.
 *
 * @param rank 0 for what is a cause by itself, 1 for what may be the consequence of another line, 2 for a mere description
 * @param pattern searched in a line; its named groups become evidence under their names
 * @param hint may name groups as {@code {path}}
 */
record OutputRule(
        int rank, CauseClass kind, Pattern pattern, List<String> groups, Map<String, String> fixed, String hint) {
    /** Longer values are no names. */
    private static final int LONGEST = 300;

    static OutputRule of(int rank, CauseClass kind, String pattern, String hint, String... fixed) {
        Pattern compiled = Pattern.compile(pattern);
        Map<String, String> more = new TreeMap<>();
        for (int i = 0; i + 1 < fixed.length; i += 2) {
            more.put(fixed[i], fixed[i + 1]);
        }
        return new OutputRule(
                rank, kind, compiled, List.copyOf(compiled.namedGroups().keySet()), more, hint);
    }

    /** What this line says, empty when it says something else. */
    Optional<Reason> read(String line) {
        Matcher found = pattern.matcher(line);
        if (!found.find()) {
            return Optional.empty();
        }
        Map<String, String> evidence = new TreeMap<>(fixed);
        for (String group : groups) {
            String value = found.group(group);
            if (value != null && !value.isBlank()) {
                evidence.put(group, value.length() > LONGEST ? value.substring(0, LONGEST) : value.strip());
            }
        }
        String filled = hint;
        for (Map.Entry<String, String> one : evidence.entrySet()) {
            filled = filled.replace("{" + one.getKey() + "}", one.getValue());
        }
        return Optional.of(new Reason(kind, line.strip(), evidence, filled.replaceAll("\\{[a-zA-Z]+}", "it")));
    }
}
