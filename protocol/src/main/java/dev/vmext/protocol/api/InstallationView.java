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
 * @param deadlines seconds by handler command that replace the package's
 * @param order the newest order of an operator, null when there was none since the last change
 * @param offered the orders that make sense as things are: cancel, retry, reset, release. Any may be given at any time
 * @param attempted the last version that was tried and did not stay
 * @param versionState of the version wanted: active, deprecated, insecure or withdrawn
 * @param expiresAt when it is given up if the machine has not acknowledged it, null for never
 * @param overdue set when it should have ended by now and has not
 * @param usage what it used of the machine, null while not measured
 * @param removal what its uninstall took away and left
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
        Instant stateSince,
        Map<String, Long> deadlines,
        @Nullable OrderView order,
        List<String> offered,
        @Nullable AttemptedView attempted,
        @Nullable UsageView usage,
        @Nullable RemovalView removal,
        String versionState,
        @Nullable Instant expiresAt,
        @Nullable OverdueView overdue) {

    /** Why it is not healthy, or what it waits for. {@code kind} is {@code CauseClass.wire}. */
    public record CauseView(String kind, String step, String message, String hint, Map<String, String> evidence) {}

    /** What the handler said about itself. {@code status} is {@code StatusWord.wire}. */
    public record StatusView(
            String operation, String status, String code, String message, List<SubstatusView> substatus) {}

    /** One part of it. */
    public record SubstatusView(String name, String status, String code, String message) {}

    /**
     * An order on its way.
     *
     * @param kind cancel, retry, reset or release
     * @param progress {@code waiting-machine}: the machine has not heard of it; {@code acknowledged}: it has; {@code taken}: the state
     *     shown is from after it
     */
    public record OrderView(long number, String kind, Instant at, String progress) {}

    /** A version that was tried and did not stay. {@code heldUntil} is null when it is not held. */
    public record AttemptedView(
            String version,
            CauseView cause,
            Instant at,
            @Nullable Instant heldUntil) {}

    /** It should have ended {@code since} then; by the control plane's clock. */
    public record OverdueView(Instant since, CauseView cause) {}

    /** What it used of the machine. {@code budgeted}: limits are enforced. Peaks are 0 when unknown. */
    public record UsageView(boolean budgeted, long cpuMillis, long memoryPeakKiB, int tasksPeak, long diskKiB) {}

    /** What an uninstall took away ({@code gone}), left as declared ({@code kept}) and left undeclared ({@code left}). */
    public record RemovalView(List<ItemView> gone, List<ItemView> kept, List<ItemView> left, int more) {}

    /** One thing on the machine: a file, a folder, a unit, a user ... */
    public record ItemView(String kind, String name) {}
}
