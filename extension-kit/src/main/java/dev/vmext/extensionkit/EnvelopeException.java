package dev.vmext.extensionkit;

/** Protected settings, or the key for them, that are not what they should be. The message holds no secret. */
final class EnvelopeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    EnvelopeException(String message) {
        super(message);
    }

    EnvelopeException(String message, Throwable cause) {
        super(message, cause);
    }
}
