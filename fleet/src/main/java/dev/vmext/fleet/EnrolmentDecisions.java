package dev.vmext.fleet;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Decides who may become a machine. A token goes one way:
 *
 * <pre>
 *   issued --bindKey--> bound to one key --certificateUsed--> used
 *      |                    |   ^ the same key again: same answer
 *      +---- expired -------+
 * </pre>
 *
 * Pure.
 */
final class EnrolmentDecisions {
    private static final Duration LONGEST = Duration.ofDays(30);

    private EnrolmentDecisions() {}

    static Duration checkLife(Duration life) {
        if (life.isNegative() || life.isZero() || life.compareTo(LONGEST) > 0) {
            throw Problems.invalidValue(
                    "cannot make an enrolment token that lives " + life.toSeconds() + " seconds: it must be 1 to "
                            + LONGEST.toSeconds(),
                    "ask for a life between one second and 30 days");
        }
        return life;
    }

    static EnrolmentToken getToken(FleetView view, String token, Instant now) {
        EnrolmentToken found = view.findToken(Secrets.hash(token))
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.TOKEN_INVALID,
                        "cannot enrol: the token is not known here",
                        "make a new enrolment line, and copy all of it: vmext machine enroll-command"));
        if (found.usedAt() != null) {
            throw used();
        }
        if (!now.isBefore(found.expiresAt())) {
            throw new ProblemException(
                    ProblemCode.TOKEN_EXPIRED,
                    "cannot enrol: the token expired at " + found.expiresAt(),
                    "make a new enrolment line: vmext machine enroll-command");
        }
        return found;
    }

    private static ProblemException used() {
        return new ProblemException(
                ProblemCode.TOKEN_USED,
                "cannot enrol: the token was used by another key, and it works once",
                "make a new enrolment line: vmext machine enroll-command");
    }

    static List<FleetChange> bind(EnrolmentToken token, String keyDigest) {
        if (token.keyDigest() == null) {
            return List.of(new FleetChange.TokenPut(
                    new EnrolmentToken(token.hash(), token.machineId(), token.expiresAt(), keyDigest, null)));
        }
        if (!token.keyDigest().equals(keyDigest)) {
            throw used();
        }
        return List.of();
    }

    /** A certificate that lets its machine in. Expiry is not looked at here: the gateway lets an expired one renew itself. */
    static Machine admit(FleetView view, String serial) {
        MachineCertificate certificate = view.findCertificate(serial)
                .orElseThrow(() -> refused("the control plane did not give it to a machine, or forgot it"));
        Machine machine =
                view.findMachine(certificate.machineId()).orElseThrow(() -> refused("its machine was deleted"));
        if (machine.deleting()) {
            throw refused("machine " + machine.name() + " is being deleted");
        }
        if (certificate.revoked()) {
            throw refused("it was revoked: machine " + machine.name() + " has enrolled with another key");
        }
        return machine;
    }

    private static ProblemException refused(String why) {
        return new ProblemException(
                ProblemCode.CERTIFICATE_REFUSED,
                "cannot accept the machine's certificate: " + why,
                "enrol the machine anew: vmext machine enroll-command");
    }

    /** Nothing to decide for one that was used before: the usual case, at every connection. */
    static List<FleetChange> used(FleetView view, String machineId, String serial, Instant now) {
        Machine machine = admit(view, serial);
        if (!machine.id().equals(machineId)) {
            throw refused("it belongs to another machine");
        }
        MachineCertificate certificate = view.findCertificate(serial).orElseThrow();
        List<FleetChange> changes = new ArrayList<>();
        for (EnrolmentToken token : view.tokens(machineId)) {
            if (token.usedAt() == null && Objects.equals(token.keyDigest(), certificate.keyDigest())) {
                changes.add(new FleetChange.TokenPut(new EnrolmentToken(
                        token.hash(), token.machineId(), token.expiresAt(), token.keyDigest(), now)));
            }
        }
        boolean enrolsNow = !changes.isEmpty();
        if (machine.enrolledAt() == null) {
            boolean settled = machine.condition().phase() == Machine.Phase.SETTLED;
            Machine enrolled = machine.enrolled(now);
            changes.add(new FleetChange.MachinePut(
                    settled ? enrolled.with(machine.condition().now(Machine.Phase.SETTLED, null)) : enrolled));
        }
        for (FleetChange revoked : MachineDecisions.revoke(view, machineId, certificate.keyDigest())) {
            // A renewed certificate that was not used yet must survive a reconnection with the one before it.
            if (revoked instanceof FleetChange.CertificatePut(var other)
                    && (enrolsNow || other.notBefore().isBefore(certificate.notBefore()))) {
                changes.add(revoked);
            }
        }
        return changes;
    }
}
