package dev.vmext.server;

import dev.vmext.fleet.IdSource;
import java.security.SecureRandom;
import java.util.UUID;

/** Ids and secrets from the system's random source. Thread-safe. */
final class SecureIds implements IdSource {
    private final SecureRandom random;

    SecureIds(SecureRandom random) {
        this.random = random;
    }

    @Override
    public String newId() {
        byte[] bytes = newSecret(16);
        long high = 0;
        long low = 0;
        for (int i = 0; i < 8; i++) {
            high = (high << 8) | (bytes[i] & 0xff);
            low = (low << 8) | (bytes[i + 8] & 0xff);
        }
        // RFC 9562, version 4.
        return new UUID((high & ~0xf000L) | 0x4000L, (low & 0x3fffffffffffffffL) | 0x8000000000000000L).toString();
    }

    @Override
    public byte[] newSecret(int bytes) {
        byte[] secret = new byte[bytes];
        random.nextBytes(secret);
        return secret;
    }
}
