package dev.vmext.agent.doctor;

import dev.vmext.protocol.status.CauseClass;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The result of one check.
 *
 * @param check what was looked at, one word with hyphens
 * @param kind why not, null when it is well
 * @param message one line with the evidence in it
 * @param hint what to do, empty when nothing is
 */
public record Finding(
        String check, Verdict verdict, @Nullable CauseClass kind, String message, String hint) {
    /** How bad it is. */
    public enum Verdict {
        OK,
        /** Works, and somebody should know. */
        WARN,
        /** Does not work. */
        FAIL,
        /** Could not be looked at. */
        UNSEEN;

        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Finding {
        Objects.requireNonNull(check);
        Objects.requireNonNull(verdict);
        Objects.requireNonNull(message);
        Objects.requireNonNull(hint);
    }

    static Finding ok(String check, String message) {
        return new Finding(check, Verdict.OK, null, message, "");
    }

    static Finding warn(String check, CauseClass kind, String message, String hint) {
        return new Finding(check, Verdict.WARN, kind, message, hint);
    }

    static Finding fail(String check, CauseClass kind, String message, String hint) {
        return new Finding(check, Verdict.FAIL, kind, message, hint);
    }

    static Finding unseen(String check, String message, String hint) {
        return new Finding(check, Verdict.UNSEEN, null, message, hint);
    }

    /** For people: {@code FAIL   gateway-dns    [dns] x has no address -> look at ...}. */
    public String line() {
        String word = verdict == Verdict.FAIL ? "FAIL" : verdict.wire();
        return "%-7s%-20s%s%s%s"
                .formatted(
                        word,
                        check + " ",
                        kind == null ? "" : "[" + kind.wire() + "] ",
                        message,
                        hint.isEmpty() ? "" : "\n" + " ".repeat(27) + "-> " + hint);
    }
}
