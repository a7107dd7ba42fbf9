package dev.vmext.fleet;

import dev.vmext.protocol.finding.FindingReport;
import dev.vmext.protocol.finding.FindingSeverity;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A finding that the control plane itself makes, such as an alert. It never ages: whoever opened it resolves it.
 *
 * @param machineId null when it is about no machine
 * @param resolved whether it is over; then only what says which finding it is counts
 * @param title cut at the limits of {@link FindingReport}, as subject and evidence are
 */
public record OwnFinding(
        String project,
        @Nullable String machineId,
        Finding.Source source,
        String type,
        String subject,
        FindingSeverity severity,
        boolean resolved,
        String title,
        Map<String, String> evidence) {
    public OwnFinding {
        Objects.requireNonNull(project);
        if (source == Finding.Source.MACHINE) {
            throw new IllegalArgumentException("only a machine speaks for itself");
        }
        FindingReport fitting =
                FindingReport.fitting("", "", type, subject, severity, resolved, title, evidence, Instant.EPOCH, null);
        subject = fitting.subject();
        title = fitting.title();
        evidence = fitting.evidence();
    }

    public static OwnFinding over(
            String project, @Nullable String machineId, Finding.Source source, String type, String subject) {
        return new OwnFinding(project, machineId, source, type, subject, FindingSeverity.INFO, true, "", Map.of());
    }

    Finding.Key key() {
        return new Finding.Key(project, machineId == null ? "" : machineId, source, "", type, subject);
    }
}
