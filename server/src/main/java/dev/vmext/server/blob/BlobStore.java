package dev.vmext.server.blob;

import dev.vmext.protocol.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalLong;

/**
 * Bytes by their digest. What is stored under a digest never changes, so that readers need no lock and every write can be repeated.
 * All methods may be called from any thread.
 */
public interface BlobStore {
    /**
     * Stores the bytes if their digest is the one expected; afterwards they survive a power cut. Does nothing but read when they are
     * there already.
     *
     * @throws BlobMismatchException when the bytes have another digest; then nothing is stored
     */
    void put(Digest expected, InputStream content) throws IOException;

    /** The size, empty when there is no such blob. */
    OptionalLong size(Digest digest);

    /**
     * Reads from this byte on.
     *
     * @throws java.nio.file.NoSuchFileException when there is no such blob
     */
    InputStream open(Digest digest, long from) throws IOException;

    /** Removes it; does nothing when there is none. */
    void delete(Digest digest) throws IOException;
}
