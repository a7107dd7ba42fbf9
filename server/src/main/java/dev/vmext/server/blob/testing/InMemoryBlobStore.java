package dev.vmext.server.blob.testing;

import dev.vmext.protocol.Digest;
import dev.vmext.server.blob.BlobMismatchException;
import dev.vmext.server.blob.BlobStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/** Blobs in a map. Thread-safe. */
public final class InMemoryBlobStore implements BlobStore {
    private final Map<Digest, byte[]> blobs = new ConcurrentHashMap<>();

    @Override
    public void put(Digest expected, InputStream content) throws IOException {
        byte[] bytes = content.readAllBytes();
        Digest actual = Digest.of(bytes);
        if (!actual.equals(expected)) {
            throw BlobMismatchException.of(expected, actual);
        }
        blobs.put(expected, bytes);
    }

    @Override
    public OptionalLong size(Digest digest) {
        byte[] bytes = blobs.get(digest);
        return bytes == null ? OptionalLong.empty() : OptionalLong.of(bytes.length);
    }

    @Override
    public InputStream open(Digest digest, long from) throws IOException {
        byte[] bytes = blobs.get(digest);
        if (bytes == null) {
            throw new NoSuchFileException(digest.text());
        }
        int start = (int) Math.min(from, bytes.length);
        return new ByteArrayInputStream(bytes, start, bytes.length - start);
    }

    @Override
    public void delete(Digest digest) {
        blobs.remove(digest);
    }
}
