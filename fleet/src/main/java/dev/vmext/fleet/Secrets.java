package dev.vmext.fleet;

import dev.vmext.protocol.Digest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Makes secrets that are handed out once, and the hashes that are kept of them. Secrets are random, so a plain hash is enough. */
final class Secrets {
    private static final int BYTES = 32;

    private final IdSource ids;

    Secrets(IdSource ids) {
        this.ids = ids;
    }

    /** The prefix tells people, and scanners for leaked secrets, what it is. */
    Secret next(String prefix) {
        return new Secret(prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(ids.newSecret(BYTES)));
    }

    static String hash(String secret) {
        return Digest.of(secret.getBytes(StandardCharsets.UTF_8)).text();
    }
}
