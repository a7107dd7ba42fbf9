package dev.vmext.fleet;

import dev.vmext.protocol.Digest;
import dev.vmext.protocol.api.AuditEntry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The hash chain of the audit log: each entry's hash covers all its fields and the hash before it, so that no entry can be changed or
 * taken out unnoticed. Stores append with it, {@link Fleet#verifyAuditChain} checks with it.
 */
public final class AuditChain {
    /** What the first entry follows. */
    public static final String START = "sha256:" + "0".repeat(64);

    private AuditChain() {}

    /** The entry after one with this number and hash (0 and {@link #START} before the first). */
    public static AuditEntry next(long lastNumber, String lastHash, Actor actor, Decision.Note note) {
        AuditEntry unsealed = new AuditEntry(
                lastNumber + 1, note.at(), actor.name(), note.action(), note.subject(), note.detail(), "");
        return new AuditEntry(
                unsealed.number(),
                unsealed.at(),
                unsealed.actor(),
                unsealed.action(),
                unsealed.subject(),
                unsealed.detail(),
                hash(lastHash, unsealed));
    }

    /** The number of the first entry that does not follow from the one before it. */
    static Optional<Long> firstBreak(long lastNumber, String lastHash, List<AuditEntry> entries) {
        long number = lastNumber;
        String hash = lastHash;
        for (AuditEntry entry : entries) {
            if (entry.number() != number + 1 || !entry.hash().equals(hash(hash, entry))) {
                return Optional.of(number + 1);
            }
            number = entry.number();
            hash = entry.hash();
        }
        return Optional.empty();
    }

    private static String hash(String before, AuditEntry entry) {
        // Lengths before texts: no two different entries give the same bytes.
        StringBuilder content = new StringBuilder(before);
        for (String field : List.of(
                Long.toString(entry.number()),
                entry.at().toString(),
                entry.actor(),
                entry.action(),
                entry.subject(),
                entry.detail())) {
            content.append('\n').append(field.length()).append(':').append(field);
        }
        return Digest.of(content.toString().getBytes(StandardCharsets.UTF_8)).text();
    }
}
