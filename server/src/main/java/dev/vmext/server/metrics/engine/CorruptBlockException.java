package dev.vmext.server.metrics.engine;

/** Bytes in the metrics file are not what was written there. */
final class CorruptBlockException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    CorruptBlockException(String why) {
        super("a block of the metrics file cannot be read: " + why);
    }
}
