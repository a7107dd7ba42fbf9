package dev.vmext.agent.run;

import dev.vmext.agent.cause.Reason;
import dev.vmext.agent.cause.Thrown;
import dev.vmext.agent.fetch.DownloadException;
import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

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
            case DownloadException download -> download(step, subject, download);
            default -> other(step, subject, thrown);
        };
    }

    private static Cause other(String step, String subject, Exception thrown) {
        Optional<Reason> known = Thrown.explain(thrown);
        if (known.isPresent()) {
            return cause(step, subject, known.get());
        }
        if (thrown instanceof IOException said) {
            return said(step, subject, said);
        }
        return new Cause(
                CauseClass.AGENT,
                step,
                "cannot " + step + " " + subject + ": the agent has a fault (" + thrown + ")",
                "report it with the agent's log",
                Map.of("exception", thrown.getClass().getName()));
    }

    /** What the agent itself noticed and put into words: about the settings while it writes them, about files otherwise. */
    private static Cause said(String step, String subject, IOException failed) {
        String message = failed.getMessage();
        boolean settings = step.equals("settings");
        return new Cause(
                settings ? CauseClass.SETTINGS : CauseClass.DISK,
                step,
                "cannot " + step + " " + subject + ": "
                        + (message == null ? failed.getClass().getSimpleName() : message),
                settings
                        ? "set the protected settings again, so that they are sealed for this machine"
                        : "look at the agent's log",
                Map.of("exception", failed.getClass().getSimpleName()));
    }

    static Cause cause(String step, String subject, Reason reason) {
        return new Cause(
                reason.kind(),
                step,
                "cannot " + step + " " + subject + ": " + reason.text(),
                reason.hint(),
                reason.evidence());
    }

    private static Cause download(String step, String subject, DownloadException failed) {
        Map<String, String> evidence = new TreeMap<>();
        evidence.put("host", failed.host());
        evidence.put("url", failed.url());
        if (failed.status() > 0) {
            evidence.put("status", String.valueOf(failed.status()));
            CauseClass kind = switch (failed.status()) {
                case 404, 410 -> CauseClass.PACKAGE;
                case 401, 403 -> CauseClass.PERMISSION;
                default -> CauseClass.NETWORK;
            };
            String hint = switch (kind) {
                case PACKAGE ->
                    "check that the version is still in the catalog and that its file is there; publish it again";
                case PERMISSION ->
                    "the control plane does not let this machine have it: look at the machine's certificate "
                            + "(vmext-agent doctor) and at its goal";
                default -> "the control plane or a proxy before it is in trouble: look at its log";
            };
            return new Cause(
                    kind,
                    step,
                    "cannot " + step + " " + subject + ": " + failed.host() + " answers " + failed.status() + " for "
                            + failed.path(),
                    hint,
                    evidence);
        }
        Reason reason = Thrown.explain(failed)
                .orElse(new Reason(
                        CauseClass.NETWORK,
                        String.valueOf(failed.getMessage()),
                        Map.of(),
                        "look at the machine's network"));
        evidence.putAll(reason.evidence());
        boolean local = failed.local();
        if (local) {
            evidence.remove("host");
            evidence.remove("url");
        }
        return new Cause(
                reason.kind(),
                step,
                "cannot " + step + " " + subject + (local ? "" : " from " + failed.host()) + ": " + reason.text(),
                reason.hint(),
                evidence);
    }

    private static Cause refusedPackage(String step, String subject, PackageException refused) {
        if (refused.kind() == PackageProblem.FILE_FAILED && refused.getCause() != null) {
            Optional<Reason> known = Thrown.explain(refused.getCause());
            if (known.isPresent()) {
                return cause(step, subject, known.get());
            }
        }
        CauseClass kind = switch (refused.kind()) {
            case MALFORMED_SIGNATURE, BAD_SIGNATURE, IDENTITY_MISMATCH -> CauseClass.SIGNATURE;
            // The signature may be perfect: the owner of this machine does not want what it vouches for.
            case UNTRUSTED_PUBLISHER, NAMESPACE_MISMATCH, MALFORMED_TRUST, MALFORMED_KEY, UNSAFE_KEY_FILE ->
                CauseClass.TRUST;
            case FILE_FAILED -> CauseClass.DISK;
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
                        refused.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                        "package",
                        subject));
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

    /** The same cause with every text of it through this. */
    static Cause redacted(Cause cause, UnaryOperator<String> redact) {
        Map<String, String> evidence = new TreeMap<>();
        cause.evidence().forEach((name, value) -> evidence.put(name, redact.apply(value)));
        return new Cause(
                cause.kind(), cause.step(), redact.apply(cause.message()), redact.apply(cause.hint()), evidence);
    }
}
