package dev.vmext.fleet;

import dev.vmext.fleet.Credential.Kind;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Instant;
import java.util.Optional;

/** Decides whether somebody is who they say. Pure. */
final class AccessDecisions {
    private AccessDecisions() {}

    static Optional<Credential> find(FleetView view, Kind kind, String secret, Instant now) {
        return view.findCredential(Secrets.hash(secret))
                .filter(credential -> credential.kind() == kind)
                .filter(credential -> !credential.expired(now));
    }

    static Principal getPrincipal(FleetView view, Kind kind, String secret, Instant now) {
        return find(view, kind, secret, now)
                .map(Credential::principal)
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.NOT_SIGNED_IN,
                        kind == Kind.SESSION
                                ? "cannot go on: the session has ended"
                                : "cannot sign in: the token is not known here",
                        kind == Kind.SESSION
                                ? "sign in again: vmext portal prints a link"
                                : "use the token of this control plane; vmext up writes it into the CLI's context"));
    }

    static Credential getCode(FleetView view, String code, Instant now) {
        return find(view, Kind.SIGN_IN_CODE, code, now)
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.SIGN_IN_LINK_USED,
                        "cannot sign in: the link was used or has expired",
                        "a link works once; vmext portal prints a new one"));
    }
}
