package dev.vmext.agent.metrics;

import java.io.IOException;

/** An answer is no exposition of metrics, or larger than what is taken. The message is for people. */
final class ExpositionException extends IOException {
    private static final long serialVersionUID = 1L;

    ExpositionException(String message) {
        super(message);
    }
}
