package dev.vmext.server.blob;

import dev.vmext.protocol.Digest;
import java.io.IOException;

/** The bytes handed over are not those that were announced. */
public final class BlobMismatchException extends IOException {
    private static final long serialVersionUID = 1L;

    private BlobMismatchException(Digest expected, Digest actual) {
        super("cannot store blob " + expected + ": the bytes have digest " + actual);
    }

    public static BlobMismatchException of(Digest expected, Digest actual) {
        return new BlobMismatchException(expected, actual);
    }
}
