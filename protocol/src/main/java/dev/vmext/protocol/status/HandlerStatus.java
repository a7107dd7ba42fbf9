package dev.vmext.protocol.status;

import java.util.List;
import java.util.Objects;

/**
 * What a handler said about itself in its status file (azure-contract 1.8).
 *
 * @param operation the handler's own word, may be empty
 * @param code as text: handlers send numbers and strings
 */
public record HandlerStatus(
        String operation, StatusWord status, String code, String message, List<Substatus> substatus) {
    public HandlerStatus {
        Objects.requireNonNull(operation);
        Objects.requireNonNull(status);
        Objects.requireNonNull(code);
        Objects.requireNonNull(message);
        substatus = List.copyOf(substatus);
    }

    /** One part of a handler's status. */
    public record Substatus(String name, StatusWord status, String code, String message) {
        public Substatus {
            Objects.requireNonNull(name);
            Objects.requireNonNull(status);
            Objects.requireNonNull(code);
            Objects.requireNonNull(message);
        }
    }
}
