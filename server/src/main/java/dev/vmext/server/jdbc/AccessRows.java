package dev.vmext.server.jdbc;

import dev.vmext.fleet.Credential;
import dev.vmext.fleet.EnrolmentToken;
import dev.vmext.fleet.MachineCertificate;
import dev.vmext.fleet.Permission;
import dev.vmext.fleet.Principal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** The tables of everything somebody gets in with: enrolment tokens, certificates, credentials. Inside one transaction, on its thread. */
final class AccessRows {
    private static final String TOKEN =
            "select hash, machine_id, expires_at, key_digest, used_at from enrolment_token where ";
    private static final String TOKEN_BY_HASH = TOKEN + "hash = :hash";
    private static final String TOKENS_OF_MACHINE = TOKEN + "machine_id = :machineId order by hash";
    private static final String PUT_TOKEN = """
            insert into enrolment_token (hash, machine_id, expires_at, key_digest, used_at)
            values (:hash, :machineId, :expiresAt, :keyDigest, :usedAt)
            on conflict (hash) do update set key_digest = :keyDigest, used_at = :usedAt""";
    private static final String VOID_TOKENS =
            "delete from enrolment_token where machine_id = :machineId and used_at is null";
    private static final String DELETE_TOKENS = "delete from enrolment_token where machine_id = :machineId";

    private static final String CERTIFICATE =
            "select serial, machine_id, key_digest, not_before, not_after, revoked from certificate where ";
    private static final String CERTIFICATE_BY_SERIAL = CERTIFICATE + "serial = :serial";
    private static final String CERTIFICATES_OF_MACHINE = CERTIFICATE + "machine_id = :machineId order by serial";
    private static final String PUT_CERTIFICATE = """
            insert into certificate (serial, machine_id, key_digest, not_before, not_after, revoked)
            values (:serial, :machineId, :keyDigest, :notBefore, :notAfter, :revoked)
            on conflict (serial) do update set revoked = :revoked""";

    private static final String CREDENTIAL_BY_HASH =
            "select hash, kind, subject, permissions, created_at, expires_at from credential where hash = :hash";
    private static final String CREDENTIALS = """
            select hash, kind, subject, permissions, created_at, expires_at from credential where kind = :kind
            order by created_at, hash""";
    private static final String ANY_CREDENTIAL = "select count(*) from credential where kind = :kind";
    private static final String PUT_CREDENTIAL = """
            insert into credential (hash, kind, subject, permissions, created_at, expires_at)
            values (:hash, :kind, :subject, :permissions, :createdAt, :expiresAt)
            on conflict (hash) do update set permissions = :permissions, expires_at = :expiresAt""";
    private static final String DELETE_CREDENTIAL = "delete from credential where hash = :hash";
    private static final String DELETE_EXPIRED = "delete from credential where kind = :kind and expires_at <= :before";

    private AccessRows() {}

    static Optional<EnrolmentToken> findToken(Handle handle, String hash) {
        return handle.createQuery(TOKEN_BY_HASH)
                .bind("hash", hash)
                .map((row, context) -> readToken(row))
                .findOne();
    }

    static List<EnrolmentToken> tokens(Handle handle, String machineId) {
        return handle.createQuery(TOKENS_OF_MACHINE)
                .bind("machineId", machineId)
                .map((row, context) -> readToken(row))
                .list();
    }

    private static EnrolmentToken readToken(ResultSet row) throws SQLException {
        return new EnrolmentToken(
                Columns.text(row, "hash"),
                Columns.text(row, "machine_id"),
                Columns.instant(row, "expires_at"),
                row.getString("key_digest"),
                Columns.instantOrNull(row, "used_at"));
    }

    static void put(Handle handle, EnrolmentToken token) {
        handle.createUpdate(PUT_TOKEN)
                .bind("hash", token.hash())
                .bind("machineId", token.machineId())
                .bind("expiresAt", token.expiresAt().toEpochMilli())
                .bind("keyDigest", token.keyDigest())
                .bind("usedAt", Columns.millis(token.usedAt()))
                .execute();
    }

    static void voidTokens(Handle handle, String machineId) {
        handle.createUpdate(VOID_TOKENS).bind("machineId", machineId).execute();
    }

    static void deleteTokens(Handle handle, String machineId) {
        handle.createUpdate(DELETE_TOKENS).bind("machineId", machineId).execute();
    }

    static Optional<MachineCertificate> findCertificate(Handle handle, String serial) {
        return handle.createQuery(CERTIFICATE_BY_SERIAL)
                .bind("serial", serial)
                .map((row, context) -> readCertificate(row))
                .findOne();
    }

    static List<MachineCertificate> certificates(Handle handle, String machineId) {
        return handle.createQuery(CERTIFICATES_OF_MACHINE)
                .bind("machineId", machineId)
                .map((row, context) -> readCertificate(row))
                .list();
    }

    private static MachineCertificate readCertificate(ResultSet row) throws SQLException {
        return new MachineCertificate(
                Columns.text(row, "serial"),
                Columns.text(row, "machine_id"),
                Columns.text(row, "key_digest"),
                Columns.instant(row, "not_before"),
                Columns.instant(row, "not_after"),
                row.getBoolean("revoked"));
    }

    static void put(Handle handle, MachineCertificate certificate) {
        handle.createUpdate(PUT_CERTIFICATE)
                .bind("serial", certificate.serial())
                .bind("machineId", certificate.machineId())
                .bind("keyDigest", certificate.keyDigest())
                .bind("notBefore", certificate.notBefore().toEpochMilli())
                .bind("notAfter", certificate.notAfter().toEpochMilli())
                .bind("revoked", certificate.revoked())
                .execute();
    }

    static Optional<Credential> findCredential(Handle handle, String hash) {
        return handle.createQuery(CREDENTIAL_BY_HASH)
                .bind("hash", hash)
                .map((row, context) -> readCredential(row))
                .findOne();
    }

    private static Credential readCredential(ResultSet row) throws SQLException {
        // A permission that this version does not know gives no right.
        Set<Permission> permissions = EnumSet.noneOf(Permission.class);
        Columns.texts(row, "permissions").forEach(word -> Permission.find(word).ifPresent(permissions::add));
        return new Credential(
                Credential.Kind.valueOf(Columns.text(row, "kind")),
                Columns.text(row, "hash"),
                new Principal(Columns.text(row, "subject"), permissions),
                Columns.instant(row, "created_at"),
                Columns.instantOrNull(row, "expires_at"));
    }

    static List<Credential> credentials(Handle handle, Credential.Kind kind) {
        return handle.createQuery(CREDENTIALS)
                .bind("kind", kind.name())
                .map((row, context) -> readCredential(row))
                .list();
    }

    static boolean hasCredentials(Handle handle, Credential.Kind kind) {
        return handle.createQuery(ANY_CREDENTIAL)
                        .bind("kind", kind.name())
                        .mapTo(Long.class)
                        .one()
                > 0;
    }

    static void put(Handle handle, Credential credential) {
        Principal principal = credential.principal();
        handle.createUpdate(PUT_CREDENTIAL)
                .bind("hash", credential.hash())
                .bind("kind", credential.kind().name())
                .bind("subject", principal.subject())
                .bind(
                        "permissions",
                        Columns.json(principal.permissions().stream()
                                .sorted()
                                .map(Permission::wire)
                                .toList()))
                .bind("createdAt", credential.createdAt().toEpochMilli())
                .bind("expiresAt", Columns.millis(credential.expiresAt()))
                .execute();
    }

    static void deleteCredential(Handle handle, String hash) {
        handle.createUpdate(DELETE_CREDENTIAL).bind("hash", hash).execute();
    }

    static void deleteExpired(Handle handle, Credential.Kind kind, Instant before) {
        handle.createUpdate(DELETE_EXPIRED)
                .bind("kind", kind.name())
                .bind("before", before.toEpochMilli())
                .execute();
    }
}
