package dev.vmext.protocol.problem;

import static dev.vmext.protocol.problem.Blame.CALLER;
import static dev.vmext.protocol.problem.Blame.MACHINE_OWNER;
import static dev.vmext.protocol.problem.Blame.NETWORK;
import static dev.vmext.protocol.problem.Blame.OPERATOR;
import static dev.vmext.protocol.problem.Blame.PUBLISHER;
import static dev.vmext.protocol.problem.Blame.VMEXT;

import java.util.Locale;
import java.util.Optional;

/**
 * Every problem vmext can answer with. The wire form is the lower-case name with hyphens ({@code machine-not-found}); it never changes
 * its meaning. Each code is documented in {@code docs/reference/problems.md}, which a test holds against this table.
 */
public enum ProblemCode {
    // Input
    MALFORMED_REQUEST(400, ExitCode.USAGE, CALLER, false, "The request cannot be read"),
    INVALID_NAME(400, ExitCode.USAGE, CALLER, false, "The name is not allowed"),
    INVALID_VALUE(400, ExitCode.USAGE, CALLER, false, "A value is not allowed"),
    SETTINGS_INVALID(422, ExitCode.USAGE, CALLER, false, "The settings do not fit the extension's schema"),
    UNKNOWN_SETTING(422, ExitCode.USAGE, CALLER, false, "The extension has no such setting"),
    REQUEST_TOO_LARGE(413, ExitCode.USAGE, CALLER, false, "The request is too large"),
    // Not there
    ROUTE_NOT_FOUND(404, ExitCode.NOT_FOUND, CALLER, false, "There is no such address"),
    METHOD_NOT_ALLOWED(405, ExitCode.USAGE, CALLER, false, "The address does not take this method"),
    PROJECT_NOT_FOUND(404, ExitCode.NOT_FOUND, CALLER, false, "There is no such project"),
    MACHINE_NOT_FOUND(404, ExitCode.NOT_FOUND, CALLER, false, "There is no such machine"),
    EXTENSION_NOT_FOUND(404, ExitCode.NOT_FOUND, CALLER, false, "The catalog has no such extension"),
    VERSION_NOT_FOUND(404, ExitCode.NOT_FOUND, CALLER, false, "The catalog has no such version"),
    INSTALLATION_NOT_FOUND(404, ExitCode.NOT_FOUND, CALLER, false, "The machine has no such installation"),
    PACKAGE_NOT_FOUND(404, ExitCode.NOT_FOUND, CALLER, false, "There is no such package"),
    COMMAND_NOT_FOUND(404, ExitCode.NOT_FOUND, CALLER, false, "The machine has no such command"),
    SNAPSHOT_NOT_FOUND(404, ExitCode.NOT_FOUND, CALLER, false, "The machine has no such snapshot"),
    FINDING_NOT_FOUND(404, ExitCode.NOT_FOUND, CALLER, false, "There is no such finding"),
    WEBHOOK_NOT_FOUND(404, ExitCode.NOT_FOUND, CALLER, false, "There is no such webhook"),
    LOG_NOT_FOUND(404, ExitCode.NOT_FOUND, CALLER, false, "There is no such log"),
    TOKEN_NOT_FOUND(404, ExitCode.NOT_FOUND, CALLER, false, "There is no such API token"),
    ALERT_RULE_NOT_FOUND(404, ExitCode.NOT_FOUND, CALLER, false, "There is no such alert rule"),
    REPOSITORY_NOT_FOUND(404, ExitCode.NOT_FOUND, CALLER, false, "There is no such backup repository"),
    REPOSITORY_FILE_NOT_FOUND(404, ExitCode.NOT_FOUND, CALLER, false, "The backup repository has no such file"),
    SILENCE_NOT_FOUND(404, ExitCode.NOT_FOUND, CALLER, false, "There is no such silence"),
    PROVIDER_NOT_FOUND(404, ExitCode.NOT_FOUND, CALLER, false, "There is no such machine provider"),
    // Refused by a rule
    MACHINE_EXISTS(409, ExitCode.REFUSED, CALLER, false, "A machine of that name exists"),
    INSTALLATION_EXISTS(409, ExitCode.REFUSED, CALLER, false, "An installation of that name exists"),
    SINGLE_INSTANCE(409, ExitCode.REFUSED, CALLER, false, "The extension can be installed once per machine"),
    VERSION_CONFLICT(
            409, ExitCode.REFUSED, CALLER, false, "Two installations want different versions of one extension"),
    PLATFORM_MISMATCH(409, ExitCode.REFUSED, CALLER, false, "The extension does not run on this platform"),
    PROVIDER_MISMATCH(409, ExitCode.REFUSED, CALLER, false, "The extension is not offered for this provider"),
    AGENT_FOREIGN(409, ExitCode.REFUSED, CALLER, false, "The machine is run by an agent that vmext only shows"),
    DEPENDENCY_MISSING(409, ExitCode.REFUSED, CALLER, false, "A dependency is not installed"),
    DEPENDENCY_CYCLE(409, ExitCode.REFUSED, CALLER, false, "The installations depend on each other in a circle"),
    EXTENSION_CONFLICT(409, ExitCode.REFUSED, CALLER, false, "Two extensions exclude each other"),
    MACHINE_DELETING(409, ExitCode.REFUSED, CALLER, false, "The machine is being deleted"),
    REVISION_CONFLICT(409, ExitCode.REFUSED, CALLER, true, "Somebody else changed it meanwhile"),
    VERSION_PUBLISHED(409, ExitCode.REFUSED, PUBLISHER, false, "That version was published with other content"),
    VERSION_WITHDRAWN(409, ExitCode.REFUSED, OPERATOR, false, "The version may not be installed any more"),
    TOO_MANY_COMMANDS(409, ExitCode.REFUSED, CALLER, true, "Too many commands wait or run on the machine"),
    FINDING_RESOLVED(409, ExitCode.REFUSED, CALLER, false, "The finding is resolved already"),
    WEBHOOK_EXISTS(409, ExitCode.REFUSED, CALLER, false, "A webhook of that name exists"),
    TOO_MANY_WEBHOOKS(409, ExitCode.REFUSED, CALLER, false, "The project has as many webhooks as it may have"),
    WEBHOOK_FAILED(409, ExitCode.FAILED, CALLER, true, "The webhook's receiver did not take the test"),
    SNAPSHOT_IN_USE(409, ExitCode.REFUSED, CALLER, false, "Something needs the snapshot"),
    SNAPSHOT_BROKEN(409, ExitCode.FAILED, OPERATOR, false, "The snapshot is not as it was written"),
    FREEZE_FAILED(409, ExitCode.FAILED, MACHINE_OWNER, true, "The machine's file systems could not be frozen"),
    MACHINE_NOT_LOST(409, ExitCode.REFUSED, CALLER, false, "The machine is not lost"),
    UNSUPPORTED_ACTION(409, ExitCode.REFUSED, CALLER, false, "The machine's provider cannot do that"),
    REPOSITORY_IN_USE(409, ExitCode.REFUSED, CALLER, false, "The backup repository is in use"),
    REPOSITORY_APPEND_ONLY(
            403, ExitCode.REFUSED, CALLER, false, "Nothing in a backup repository can be changed or deleted"),
    REPOSITORY_DIGEST_MISMATCH(400, ExitCode.REFUSED, CALLER, true, "The content is not what its name says"),
    REPOSITORY_FULL(507, ExitCode.REFUSED, OPERATOR, false, "The backup repository may not grow any more"),
    REPOSITORY_WORK_FAILED(409, ExitCode.FAILED, OPERATOR, true, "The work on the backup repository failed"),
    BACKUP_PROGRAM_MISSING(503, ExitCode.FAILED, OPERATOR, false, "The program restic is missing on the host"),
    LAST_TOKEN(409, ExitCode.REFUSED, CALLER, false, "It is the last token that may let people in"),
    // Packages and trust
    PACKAGE_INVALID(422, ExitCode.REFUSED, PUBLISHER, false, "The package is not usable"),
    PACKAGE_MANIFEST_MISSING(422, ExitCode.REFUSED, PUBLISHER, false, "The package has no HandlerManifest.json"),
    PACKAGE_DIGEST_MISMATCH(422, ExitCode.REFUSED, PUBLISHER, false, "The package is not the one that was signed"),
    SIGNATURE_INVALID(422, ExitCode.REFUSED, PUBLISHER, false, "The signature is not valid"),
    PUBLISHER_UNTRUSTED(422, ExitCode.REFUSED, MACHINE_OWNER, false, "The publisher is not trusted"),
    TRUST_FILE_INVALID(422, ExitCode.USAGE, MACHINE_OWNER, false, "The trust file is not usable"),
    KEY_INVALID(422, ExitCode.USAGE, PUBLISHER, false, "The key is not usable"),
    // Who are you
    NOT_SIGNED_IN(401, ExitCode.REFUSED, CALLER, false, "The request is not signed in"),
    ACCESS_DENIED(403, ExitCode.REFUSED, OPERATOR, false, "The permission is missing"),
    SIGN_IN_LINK_USED(401, ExitCode.REFUSED, CALLER, false, "The sign-in link was used or has expired"),
    ORIGIN_REFUSED(403, ExitCode.REFUSED, CALLER, false, "The request comes from another site"),
    TOKEN_INVALID(401, ExitCode.REFUSED, OPERATOR, false, "The enrolment token is not known"),
    TOKEN_USED(401, ExitCode.REFUSED, OPERATOR, false, "The enrolment token was used"),
    TOKEN_EXPIRED(401, ExitCode.REFUSED, OPERATOR, false, "The enrolment token has expired"),
    CERTIFICATE_REFUSED(401, ExitCode.REFUSED, MACHINE_OWNER, false, "The machine's certificate is not accepted"),
    CERTIFICATE_REQUEST_INVALID(400, ExitCode.REFUSED, VMEXT, false, "The certificate request is not acceptable"),
    // This host
    PORT_IN_USE(503, ExitCode.FAILED, OPERATOR, true, "The port is taken"),
    DATA_FOLDER_IN_USE(503, ExitCode.FAILED, OPERATOR, true, "Another server uses the data folder"),
    DATA_TOO_NEW(503, ExitCode.FAILED, OPERATOR, false, "The data was written by a newer vmext"),
    NO_VIRTUALIZATION(503, ExitCode.FAILED, OPERATOR, false, "Software that runs virtual machines is missing"),
    NOT_ENOUGH_MEMORY(503, ExitCode.FAILED, OPERATOR, true, "The host has too little memory"),
    NOT_ENOUGH_DISK(503, ExitCode.FAILED, OPERATOR, true, "The host has too little disk"),
    IMAGE_BUILD_FAILED(503, ExitCode.FAILED, OPERATOR, true, "The disk image could not be built"),
    MACHINE_START_FAILED(503, ExitCode.FAILED, OPERATOR, true, "The virtual machine does not start"),
    AGENT_BUILD_MISSING(503, ExitCode.FAILED, OPERATOR, false, "The guest agent was not built"),
    SERVER_UNREACHABLE(503, ExitCode.UNREACHABLE, NETWORK, true, "The control plane does not answer"),
    SERVER_OVERLOADED(503, ExitCode.UNREACHABLE, NETWORK, true, "The control plane has too much to do"),
    NO_CONTEXT(400, ExitCode.USAGE, CALLER, false, "The command line knows no control plane"),
    TOO_MANY_SAMPLES(429, ExitCode.REFUSED, CALLER, true, "The machine sends more samples than it may"),
    // Waiting and the rest
    OPERATION_FAILED(409, ExitCode.FAILED, OPERATOR, false, "The operation failed on the machine"),
    WAIT_TIMED_OUT(504, ExitCode.TIMED_OUT, OPERATOR, true, "It did not finish in the time given"),
    FILE_UNREADABLE(400, ExitCode.USAGE, CALLER, false, "A file cannot be read"),
    INTERNAL(500, ExitCode.FAILED, VMEXT, true, "vmext has a bug");

    private final String wire;
    private final int httpStatus;
    private final ExitCode exitCode;
    private final Blame blame;
    private final boolean retryable;
    private final String title;

    ProblemCode(int httpStatus, ExitCode exitCode, Blame blame, boolean retryable, String title) {
        this.wire = name().toLowerCase(Locale.ROOT).replace('_', '-');
        this.httpStatus = httpStatus;
        this.exitCode = exitCode;
        this.blame = blame;
        this.retryable = retryable;
        this.title = title;
    }

    /** The stable text, also the last part of the problem's type URI. */
    public String wire() {
        return wire;
    }

    public int httpStatus() {
        return httpStatus;
    }

    public ExitCode exitCode() {
        return exitCode;
    }

    /** Who must act. */
    public Blame blame() {
        return blame;
    }

    /** Whether the same request may succeed later without anybody changing it. */
    public boolean retryable() {
        return retryable;
    }

    /** RFC 9457 title: the same for every occurrence. */
    public String title() {
        return title;
    }

    /** The code of a wire text, empty for one of a newer peer. */
    public static Optional<ProblemCode> find(String wire) {
        for (ProblemCode code : values()) {
            if (code.wire.equals(wire)) {
                return Optional.of(code);
            }
        }
        return Optional.empty();
    }
}
