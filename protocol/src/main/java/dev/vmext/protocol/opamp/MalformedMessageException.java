package dev.vmext.protocol.opamp;

/**
 * The bytes are not a message of this protocol, or are larger than the receiver allows. Whoever gets it answers the sender
 * (BadRequest, or close code 1009 and HTTP 413 for {@link #tooLarge()}) and does not let it retry the same bytes.
 */
public final class MalformedMessageException extends RuntimeException {
    private final boolean tooLarge;

    public MalformedMessageException(String message) {
        this(message, false);
    }

    private MalformedMessageException(String message, boolean tooLarge) {
        super(message);
        this.tooLarge = tooLarge;
    }

    static MalformedMessageException tooLarge(String message) {
        return new MalformedMessageException(message, true);
    }

    /** True when a limit on size, depth or number of entries was hit, rather than the encoding being wrong. */
    public boolean tooLarge() {
        return tooLarge;
    }
}
