package dev.vmext.fleet;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a decider decided: data, applied by the store in one transaction.
 *
 * @param answer for the caller, once the changes are stored
 * @param audit empty for what machines and providers report in the course of things
 */
public record Decision<A>(List<FleetChange> changes, A answer, Optional<Note> audit) {
    public Decision {
        changes = List.copyOf(changes);
        Objects.requireNonNull(answer);
        Objects.requireNonNull(audit);
    }

    /**
     * A line for the audit log.
     *
     * @param action such as {@code installation.put}
     * @param subject such as {@code default/web1/motd}
     * @param detail never a secret
     */
    public record Note(Instant at, String action, String subject, String detail) {
        public Note {
            Objects.requireNonNull(at);
            Objects.requireNonNull(action);
            Objects.requireNonNull(subject);
            Objects.requireNonNull(detail);
        }
    }

    static <A> Decision<A> nothing(A answer) {
        return new Decision<>(List.of(), answer, Optional.empty());
    }

    static <A> Decision<A> silent(List<FleetChange> changes, A answer) {
        return new Decision<>(changes, answer, Optional.empty());
    }

    static <A> Decision<A> noted(List<FleetChange> changes, A answer, Note note) {
        return new Decision<>(changes, answer, Optional.of(note));
    }
}
