package dev.vmext.server.http;

import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.Permission;
import dev.vmext.fleet.Principal;
import dev.vmext.fleet.SessionGrant;
import dev.vmext.fleet.SignInCode;
import dev.vmext.protocol.api.Session;
import dev.vmext.protocol.api.SignIn;
import dev.vmext.protocol.api.SignInLink;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;

/** {@code /v1/session} and {@code /v1/sign-in-links}: how a browser gets in without ever seeing a token. */
final class SessionResource {
    private static final Duration LINK_LIFE = Duration.ofMinutes(15);
    private static final Duration SESSION_LIFE = Duration.ofHours(12);

    private final Fleet fleet;
    private final Supplier<String> api;

    /**
     * @param api the server's own address, known once it listens
     */
    SessionResource(Fleet fleet, Supplier<String> api) {
        this.fleet = fleet;
        this.api = api;
    }

    Answer createLink(Call call) {
        SignInCode code = fleet.createSignIn(call.principal(), LINK_LIFE);
        // After the #, so that the code is in no request line, log or Referer field.
        String url = api.get() + "/sign-in#" + code.code().reveal();
        return new Answer.Json(201, new SignInLink(url, code.expiresAt()), Map.of());
    }

    Answer signIn(Call call) throws IOException {
        SessionGrant grant = fleet.redeemSignIn(call.body(SignIn.class).code(), SESSION_LIFE);
        return new Answer.Json(
                200,
                session(grant.principal()),
                Map.of("Set-Cookie", cookie(grant.secret().reveal(), SESSION_LIFE)));
    }

    Answer show(Call call) {
        return Answer.ok(session(call.principal()));
    }

    Answer signOut(Call call) {
        call.sessionCookie().ifPresent(fleet::signOut);
        return new Answer.Nothing(Map.of("Set-Cookie", cookie("", Duration.ZERO)));
    }

    private static Session session(Principal principal) {
        return new Session(
                principal.subject(),
                principal.permissions().stream().map(Permission::wire).sorted().toList());
    }

    /** No Secure attribute: the API speaks plain HTTP and only on loopback. */
    private static String cookie(String secret, Duration life) {
        return Gate.COOKIE + "=" + secret + "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + life.toSeconds();
    }
}
