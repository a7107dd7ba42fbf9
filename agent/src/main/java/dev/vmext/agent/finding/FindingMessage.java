package dev.vmext.agent.finding;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.finding.FindingReport;
import dev.vmext.protocol.finding.FindingSeverity;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A finding as a handler writes it into the message of an event (docs/reference/package-format.md).
 *
 * @param installation null when the handler does not say which
 * @param severity null for the declared one
 * @param at null when the event's own time counts
 */
record FindingMessage(
        String type,
        String subject,
        @Nullable String installation,
        @Nullable FindingSeverity severity,
        boolean resolved,
        String title,
        Map<String, String> evidence,
        @Nullable Instant at) {
    /** The task of events that are findings. */
    static final String TASK = "vmext.finding";

    private static final int MAX_BYTES = 64 * 1024;

    /** Throws {@link dev.vmext.protocol.problem.ProblemException} for anything else. */
    static FindingMessage decode(String message) {
        JsonReader in = new JsonReader("the finding", message.getBytes(StandardCharsets.UTF_8), MAX_BYTES);
        long version = 0;
        String type = "";
        String subject = "";
        @Nullable String installation = null;
        @Nullable FindingSeverity severity = null;
        boolean resolved = false;
        String title = "";
        Map<String, String> evidence = Map.of();
        @Nullable Instant at = null;
        in.document();
        while (in.nextField()) {
            switch (in.name()) {
                case "v" -> version = in.integer();
                case "type" -> {
                    type = in.string(64);
                    if (!FindingReport.validType(type)) {
                        throw in.refused("it must be of lower-case letters, digits and hyphens");
                    }
                }
                case "subject" -> subject = in.string(FindingReport.MAX_SUBJECT);
                case "installation" -> installation = in.string(128);
                case "severity" ->
                    severity = FindingSeverity.find(in.string(32))
                            .orElseThrow(() -> in.refused("it must be info, low, medium, high or critical"));
                case "state" ->
                    resolved = switch (in.string(32)) {
                        case "open" -> false;
                        case "resolved" -> true;
                        default -> throw in.refused("it must be open or resolved");
                    };
                case "title" -> title = in.string(FindingReport.MAX_TITLE);
                case "evidence" -> evidence = new LinkedHashMap<>(in.strings());
                case "at" -> at = in.instant();
                default -> in.skip();
            }
        }
        in.end();
        if (version != 1) {
            throw in.refused("\"v\" must be 1");
        }
        if (type.isEmpty()) {
            throw in.missing("type");
        }
        if (subject.isBlank()) {
            throw in.missing("subject");
        }
        if (evidence.size() > FindingReport.MAX_EVIDENCE) {
            throw in.refused("there are more than " + FindingReport.MAX_EVIDENCE + " texts of evidence");
        }
        return new FindingMessage(type, subject, installation, severity, resolved, title, evidence, at);
    }
}
