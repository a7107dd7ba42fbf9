package dev.vmext.fleet.testing;

import dev.vmext.fleet.IdSource;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Ids and "secrets" that count up, so that a test run gives the same ones again. Thread-safe. */
public final class CountingIds implements IdSource {
    private final AtomicLong last = new AtomicLong();

    @Override
    public String newId() {
        return new UUID(0x4000L, Long.MIN_VALUE | last.incrementAndGet()).toString();
    }

    @Override
    public byte[] newSecret(int bytes) {
        return ByteBuffer.allocate(Math.max(bytes, Long.BYTES))
                .putLong(last.incrementAndGet())
                .array();
    }
}
