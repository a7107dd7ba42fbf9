package dev.vmext.protocol.goal;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The conditions under which an installation is carried out. None of them makes a new target: changing them repeats nothing.
 *
 * @param order the newest order of an operator, null when there was none
 * @param deadlines per handler command ({@code install}, {@code enable} ...); they replace those of the package, whole seconds
 * @param conflicts names of installations that may not be on the machine at the same time
 */
public record Terms(@Nullable Order order, Map<String, Duration> deadlines, List<String> conflicts) {
    public static final Terms NONE = new Terms(null, Map.of(), List.of());

    public Terms {
        deadlines = Map.copyOf(deadlines);
        conflicts = List.copyOf(conflicts);
    }
}
