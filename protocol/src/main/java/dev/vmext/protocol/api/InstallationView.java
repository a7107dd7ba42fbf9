package dev.vmext.protocol.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An installation as the API shows it: what is wanted and what was observed.
 *
 * @param constraint as asked for; {@code version} what it resolved to; {@code runningVersion} what the machine has, null while nothing
 * @param state {@code InstallationState.wire}
 * @param kind continuous or one-shot
 * @param protectedKeys the top-level names of the protected settings, never their values
 * @param sequence the settings sequence number wanted; {@code appliedSequence} the one that the status belongs to, -1 before
 * @param stateSince when the state began
 */
public record InstallationView(
        String machine,
        String name,
        String extension,
        String constraint,
        String version,
        @Nullable String runningVersion,
        String category,
        String kind,
        String state,
        boolean healthy,
        @Nullable CauseView cause,
        @Nullable StatusView status,
        String output,
        @Nullable Integer exitCode,
        int attempt,
        Map<String, Object> settings,
        List<String> protectedKeys,
        List<String> after,
        long sequence,
        long appliedSequence,
        boolean removing,
        Instant createdAt,
        Instant changedAt,
        Instant stateSince) {

    /** Why it is not healthy, or what it waits for. {@code kind} is {@code CauseClass.wire}. */
    public record CauseView(String kind, String step, String message, String hint, Map<String, String> evidence) {}

    /** What the handler said about itself. {@code status} is {@code StatusWord.wire}. */
    public record StatusView(
            String operation, String status, String code, String message, List<SubstatusView> substatus) {}

    /** One part of it. */
    public record SubstatusView(String name, String status, String code, String message) {}
}
