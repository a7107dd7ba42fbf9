package dev.vmext.agent.run;

import dev.vmext.packageformat.PackageException;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The one place that turns what a step threw into the cause that is reported. Pure. */
final class Causes {
    private Causes() {}

    /**
     * @param subject what the step was about: {@code acme.Firewall 1.2.0}
     */
    static Cause of(String step, String subject, Exception thrown) {
        return switch (thrown) {
            case PackageException refused -> refusedPackage(step, subject, refused);
            case ProblemException problem -> problem(step, subject, problem);
            case UncheckedIOException unchecked
            when unchecked.getCause() != null -> file(step, subject, unchecked.getCause());
            case IOException failed -> file(step, subject, failed);
            default ->
                new Cause(
                        CauseClass.AGENT,
                        step,
                        "cannot " + step + " " + subject + ": the agent has a fault (" + thrown + ")",
                        "report it with the agent's log",
                        Map.of("exception", thrown.getClass().getName()));
        };
    }

    private static Cause refusedPackage(String step, String subject, PackageException refused) {
        CauseClass kind = switch (refused.kind()) {
            case MALFORMED_SIGNATURE, BAD_SIGNATURE, IDENTITY_MISMATCH -> CauseClass.SIGNATURE;
            // The signature may be perfect: the owner of this machine does not want what it vouches for.
            case UNTRUSTED_PUBLISHER, NAMESPACE_MISMATCH, MALFORMED_TRUST, MALFORMED_KEY, UNSAFE_KEY_FILE ->
                CauseClass.TRUST;
            case FILE_FAILED -> refused.getCause() instanceof IOException io ? fileKind(io) : CauseClass.DISK;
            case NOT_A_ZIP,
                    LIMIT_EXCEEDED,
                    UNSAFE_ENTRY,
                    MISSING_MANIFEST,
                    MALFORMED_MANIFEST,
                    INVALID_NAME,
                    INVALID_VERSION,
                    UNKNOWN_IDENTITY,
                    DIGEST_MISMATCH -> CauseClass.PACKAGE;
        };
        String hint = refused.hint().isEmpty() ? "ask the publisher for a good package" : refused.hint();
        return new Cause(
                kind,
                step,
                "cannot use package " + subject + ": " + refused.detail(),
                hint,
                Map.of(
                        "problem",
                        refused.kind().name().toLowerCase(java.util.Locale.ROOT).replace('_', '-')));
    }

    private static Cause problem(String step, String subject, ProblemException problem) {
        CauseClass kind = switch (problem.code().blame()) {
            case NETWORK -> CauseClass.NETWORK;
            case PUBLISHER -> CauseClass.PACKAGE;
            case MACHINE_OWNER -> CauseClass.TRUST;
            case CALLER, OPERATOR, VMEXT -> CauseClass.AGENT;
        };
        return new Cause(
                kind,
                step,
                "cannot " + step + " " + subject + ": " + problem.detail(),
                problem.hint(),
                Map.of("problem", problem.code().wire()));
    }

    private static Cause file(String step, String subject, IOException failed) {
        CauseClass kind = fileKind(failed);
        Map<String, String> evidence = new TreeMap<>();
        evidence.put("exception", failed.getClass().getSimpleName());
        if (failed instanceof FileSystemException file) {
            put(evidence, "path", file.getFile());
        }
        String hint = switch (kind) {
            case DISK -> "look at free space and health of the disk";
            case PERMISSION -> "look at who may write there, and at a mandatory access control in force";
            case NETWORK, DNS -> "look at the machine's network";
            default -> "look at the agent's log";
        };
        return new Cause(kind, step, "cannot " + step + " " + subject + ": " + text(failed), hint, evidence);
    }

    private static void put(Map<String, String> evidence, String name, @Nullable String value) {
        if (value != null) {
            evidence.put(name, value);
        }
    }

    /** A file system exception often says no more than the path. */
    private static String text(IOException failed) {
        String message = failed.getMessage();
        if (failed instanceof FileSystemException file && file.getReason() == null) {
            return failed.getClass().getSimpleName() + " " + file.getFile();
        }
        return message == null ? failed.getClass().getSimpleName() : message;
    }

    private static CauseClass fileKind(IOException failed) {
        return switch (failed) {
            case AccessDeniedException _ -> CauseClass.PERMISSION;
            case java.net.UnknownHostException _ -> CauseClass.DNS;
            case java.net.SocketException _, java.net.http.HttpTimeoutException _, javax.net.ssl.SSLException _ ->
                CauseClass.NETWORK;
            default -> CauseClass.DISK;
        };
    }
}
