package dev.vmext.agent.link;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The gateway answered, and the answer was no. */
final class Refusal extends IOException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final @Nullable Duration retryAfter;

    /**
     * Remembers an answer.
     *
     * @param status of HTTP
     */
    Refusal(int status, String message, @Nullable Duration retryAfter) {
        super(message);
        this.status = status;
        this.retryAfter = retryAfter;
    }

    /** Whether it refuses who we are, not only when we come. */
    boolean forGood() {
        return status == 401 || status == 403;
    }

    /** Whether asking again for the same would get the same answer. */
    boolean lasting() {
        return status >= 400 && status < 500 && status != 408 && status != 429;
    }

    /** Of HTTP. */
    int status() {
        return status;
    }

    /** How long the gateway wants to be left alone, null when it did not say. */
    @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
