package dev.vmext.server.http;

import dev.vmext.fleet.provider.ProviderProblem;
import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import dev.vmext.protocol.problem.Problem;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.json.JsonProblem;
import java.io.EOFException;
import java.util.Locale;
import java.util.function.Supplier;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.io.QuietException;

/**
 * The one place where anything thrown becomes a problem for a caller. Expected failures are told as they are; a bug is told as an id
 * that is in the log together with the stack. Stateless; any thread.
 */
public final class ProblemTranslator {
    private static final System.Logger LOG = System.getLogger(ProblemTranslator.class.getName());

    private final Supplier<String> incidentIds;

    /** Names each bug with an id of this source. */
    public ProblemTranslator(Supplier<String> incidentIds) {
        this.incidentIds = incidentIds;
    }

    /**
     * The problem to tell the caller.
     *
     * @param subject what was being done, for the log
     */
    public Problem translate(Throwable failure, String subject) {
        return switch (failure) {
            case ProblemException expected -> expected.problem();
            case JsonProblem json ->
                Problem.of(code(json.kind()), "cannot read the request: " + json.reason(), hint(json.hint()));
            case PackageException refused -> Problem.of(code(refused.kind()), refused.detail(), hint(refused.hint()));
            case ProviderProblem refused -> Problem.of(code(refused.kind()), refused.detail(), hint(refused.hint()));
            case EofException _, EOFException _ -> lost();
            case QuietException _ -> lost();
            default -> bug(failure, subject);
        };
    }

    private Problem bug(Throwable failure, String subject) {
        String id = incidentIds.get();
        LOG.log(System.Logger.Level.ERROR, "Bug " + id + " in " + subject, failure);
        return Problem.of(
                ProblemCode.INTERNAL,
                "cannot answer: vmext has a bug (incident " + id + ")",
                "Look for the incident in the server's log, and report it with the lines around it.");
    }

    private static Problem lost() {
        return Problem.of(
                ProblemCode.MALFORMED_REQUEST,
                "cannot read the request: the connection ended in the middle of it",
                "Send the request again.");
    }

    private static String hint(String hint) {
        if (hint.isEmpty()) {
            return "Correct it and try again.";
        }
        String sentence = hint.substring(0, 1).toUpperCase(Locale.ROOT) + hint.substring(1);
        return sentence.endsWith(".") || sentence.endsWith("?") ? sentence : sentence + ".";
    }

    private static ProblemCode code(JsonProblem.Kind kind) {
        return switch (kind) {
            case MALFORMED -> ProblemCode.MALFORMED_REQUEST;
            case TOO_LARGE -> ProblemCode.REQUEST_TOO_LARGE;
            case VALUE -> ProblemCode.INVALID_VALUE;
        };
    }

    static ProblemCode code(PackageProblem kind) {
        return switch (kind) {
            case NOT_A_ZIP,
                    LIMIT_EXCEEDED,
                    UNSAFE_ENTRY,
                    MALFORMED_MANIFEST,
                    INVALID_NAME,
                    INVALID_VERSION,
                    UNKNOWN_IDENTITY,
                    IDENTITY_MISMATCH -> ProblemCode.PACKAGE_INVALID;
            case MISSING_MANIFEST -> ProblemCode.PACKAGE_MANIFEST_MISSING;
            case MALFORMED_SIGNATURE, BAD_SIGNATURE -> ProblemCode.SIGNATURE_INVALID;
            case DIGEST_MISMATCH -> ProblemCode.PACKAGE_DIGEST_MISMATCH;
            case UNTRUSTED_PUBLISHER, NAMESPACE_MISMATCH -> ProblemCode.PUBLISHER_UNTRUSTED;
            case MALFORMED_TRUST -> ProblemCode.TRUST_FILE_INVALID;
            case MALFORMED_KEY, UNSAFE_KEY_FILE -> ProblemCode.KEY_INVALID;
            case FILE_FAILED -> ProblemCode.FILE_UNREADABLE;
        };
    }

    static ProblemCode code(ProviderProblem.Kind kind) {
        return switch (kind) {
            case MISSING_PACKAGES -> ProblemCode.NO_VIRTUALIZATION;
            case NOT_ENOUGH_MEMORY -> ProblemCode.NOT_ENOUGH_MEMORY;
            case NOT_ENOUGH_DISK -> ProblemCode.NOT_ENOUGH_DISK;
            case IMAGE_BUILD_FAILED -> ProblemCode.IMAGE_BUILD_FAILED;
            case UNKNOWN_IMAGE -> ProblemCode.INVALID_VALUE;
            case UNKNOWN_MACHINE -> ProblemCode.MACHINE_NOT_FOUND;
            case UNKNOWN_SNAPSHOT -> ProblemCode.SNAPSHOT_NOT_FOUND;
            case BROKEN_SNAPSHOT -> ProblemCode.SNAPSHOT_BROKEN;
            case CONFLICT, NOT_RUNNING -> ProblemCode.UNSUPPORTED_ACTION;
            case BOOT_FAILED, HOST_FAILURE -> ProblemCode.MACHINE_START_FAILED;
        };
    }
}
