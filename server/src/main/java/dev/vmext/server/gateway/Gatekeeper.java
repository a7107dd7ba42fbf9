package dev.vmext.server.gateway;

import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.MachineRecord;
import dev.vmext.fleet.Secret;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.ca.ClientCertificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Who may open a link or download a package. The handshake has already checked that a certificate is ours and its key is there; here
 * its age and revocation are. Every refusal is a problem with a code of its own. Any thread.
 */
final class Gatekeeper {
    static final Duration GRACE = Duration.ofDays(400);
    private static final String BEARER = "Bearer ";
    private static final int MAX_TOKEN = 512;

    private final Fleet fleet;
    private final InstantSource clock;

    Gatekeeper(Fleet fleet, InstantSource clock) {
        this.fleet = fleet;
        this.clock = clock;
    }

    /**
     * Who wants to open a link; a token counts before a certificate, because a machine that enrols anew may still have its old one.
     *
     * @param authorization the request's header
     */
    LinkIdentity identify(Optional<String> authorization, Optional<X509Certificate> peer) {
        if (authorization.isEmpty()) {
            return certificateHolder(peer);
        }
        String header = authorization.get();
        String token =
                header.startsWith(BEARER) ? header.substring(BEARER.length()).strip() : "";
        if (token.isEmpty() || token.length() > MAX_TOKEN) {
            throw new ProblemException(
                    ProblemCode.TOKEN_INVALID,
                    "cannot enrol: the Authorization header holds no enrolment token",
                    "send Authorization: Bearer <token> as in the enrolment command");
        }
        return new LinkIdentity.TokenHolder(fleet.tokenFor(token), new Secret(token));
    }

    /** The machine that may download; an expired certificate may only be renewed. */
    MachineRecord machine(Optional<X509Certificate> peer) {
        LinkIdentity.CertificateHolder holder = certificateHolder(peer);
        if (expired(holder.certificate())) {
            throw refused(
                    "it expired at " + holder.certificate().notAfter(),
                    "the agent renews it over its link; if that does not happen, look at the agent's log");
        }
        return holder.machine();
    }

    boolean expired(ClientCertificate certificate) {
        return clock.instant().isAfter(certificate.notAfter());
    }

    private LinkIdentity.CertificateHolder certificateHolder(Optional<X509Certificate> peer) {
        X509Certificate x509 = peer.orElseThrow(() -> new ProblemException(
                ProblemCode.NOT_SIGNED_IN,
                "cannot connect: there is neither a client certificate nor an enrolment token",
                "enrol the machine with the command that vmext machine enroll-command prints"));
        ClientCertificate certificate = ClientCertificate.read(x509)
                .orElseThrow(() -> refused("it names no machine", "enrol the machine again"));
        if (clock.instant().isAfter(certificate.notAfter().plus(GRACE))) {
            throw refused(
                    "it expired at " + certificate.notAfter() + ", more than " + GRACE.toDays() + " days ago",
                    "enrol the machine again with a new token");
        }
        MachineRecord machine = fleet.admit(certificate.serial());
        if (!machine.id().equals(certificate.machine().toString())) {
            throw refused("it was issued to another machine", "enrol the machine again");
        }
        return new LinkIdentity.CertificateHolder(machine, certificate);
    }

    private static ProblemException refused(String why, String hint) {
        return new ProblemException(
                ProblemCode.CERTIFICATE_REFUSED, "cannot accept the machine's certificate: " + why, hint);
    }
}
