package dev.vmext.agent.finding;

import dev.vmext.protocol.finding.FindingReport;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;

/** Sixteen bytes that stand for a text of any length. */
record Sum(long high, long low) {
    /** Of what a finding is about. */
    static Sum of(FindingReport.Key key) {
        return of(key.installation() + '\0' + key.type() + '\0' + key.subject());
    }

    /** Of all that is said about it, except when. */
    static Sum ofContent(FindingReport report) {
        StringBuilder all = new StringBuilder()
                .append(report.extension())
                .append('\0')
                .append(report.severity())
                .append(report.resolved())
                .append('\0')
                .append(report.title())
                .append('\0')
                .append(report.age());
        for (Map.Entry<String, String> one : report.evidence().entrySet()) {
            all.append('\0').append(one.getKey()).append('\0').append(one.getValue());
        }
        return of(all.toString());
    }

    private static Sum of(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            ByteBuffer bytes = ByteBuffer.wrap(hash);
            return new Sum(bytes.getLong(), bytes.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
