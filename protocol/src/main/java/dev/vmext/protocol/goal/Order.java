package dev.vmext.protocol.goal;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * What an operator asked of one installation besides what it should be. It travels in the goal, so that it waits for a machine that
 * is off; the agent remembers the number of the last one it carried out, so that each is carried out once.
 *
 * @param number rises with every order to this installation. The control plane takes it from its clock (milliseconds since 1970, never
 *     below the last), so that it also rises over a record that was forgotten and made anew
 */
public record Order(long number, Kind kind) {
    public Order {
        Objects.requireNonNull(kind);
    }

    /** What to do. The wire form is the lower-case name. */
    public enum Kind {
        /** Stop what is being done; the target counts as given up. */
        CANCEL,
        /** Forget the failure and try the same target again. */
        RETRY,
        /** Take away what is on the machine, whatever state it is in, and begin from nothing. */
        RESET,
        /** A held version may be tried again. */
        RELEASE;

        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Optional<Kind> find(String wire) {
            for (Kind kind : values()) {
                if (kind.wire().equals(wire)) {
                    return Optional.of(kind);
                }
            }
            return Optional.empty();
        }
    }
}
