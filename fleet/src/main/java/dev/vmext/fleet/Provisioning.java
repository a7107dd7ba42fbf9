package dev.vmext.fleet;

import dev.vmext.protocol.problem.Problem;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How far a provider is with making a machine. */
public sealed interface Provisioning {
    /**
     * The provider works on it.
     *
     * @param phase a word such as {@code image}, {@code disk}, {@code boot}
     * @param message one line for a person
     * @param percent of this phase, null when not known
     */
    record Running(String phase, String message, @Nullable Integer percent) implements Provisioning {
        public Running {
            Objects.requireNonNull(phase);
            Objects.requireNonNull(message);
        }
    }

    /** The machine runs; its agent has still to connect. */
    record Done() implements Provisioning {}

    /** It could not be made; a later {@link Running} starts again. */
    record Failed(Problem problem) implements Provisioning {
        public Failed {
            Objects.requireNonNull(problem);
        }
    }
}
