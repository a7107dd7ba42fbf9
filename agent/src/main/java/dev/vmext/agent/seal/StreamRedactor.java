package dev.vmext.agent.seal;

/**
 * Takes secrets out of a text that comes in pieces: what may be the beginning of a secret is held back until the next piece tells. One
 * thread; each stream has its own.
 */
public final class StreamRedactor {
    private final Secrets secrets;
    private final StringBuilder held = new StringBuilder();

    public StreamRedactor(Secrets secrets) {
        this.secrets = secrets;
    }

    /** What may be shown after this piece; the rest comes with a later one or with {@link #finish}. */
    public String add(String piece) {
        held.append(piece);
        return secrets.redactFront(held, false);
    }

    /** What was held back. Afterwards a new stream may begin. */
    public String finish() {
        return secrets.redactFront(held, true);
    }
}
