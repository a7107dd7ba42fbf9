package dev.vmext.fleet;

import dev.vmext.fleet.Decision.Note;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Lets people and programs in: tokens, sign-in links, sessions. Behind {@link Fleet}; as thread-safe as the store. */
final class Access {
    private final FleetParts parts;

    Access(FleetParts parts) {
        this.parts = parts;
    }

    Secret createToken(Actor actor, String subject, Set<Permission> permissions) {
        Secret token = parts.secrets().next("vmt_");
        return parts.store().transact(actor, view -> {
            Instant now = parts.now();
            return Decision.noted(
                    List.of(new FleetChange.CredentialPut(new Credential(
                            Credential.Kind.API_TOKEN,
                            Secrets.hash(token.reveal()),
                            new Principal(subject, permissions),
                            now,
                            null))),
                    token,
                    new Note(now, "access.token", subject, "may " + words(permissions)));
        });
    }

    private static String words(Set<Permission> permissions) {
        return permissions.stream().sorted().map(Permission::wire).collect(Collectors.joining(", "));
    }

    boolean hasTokens() {
        return parts.store().read(view -> view.hasCredentials(Credential.Kind.API_TOKEN));
    }

    Principal authenticate(String token) {
        return parts.store()
                .read(view -> AccessDecisions.getPrincipal(view, Credential.Kind.API_TOKEN, token, parts.now()));
    }

    SignInCode createSignIn(Principal principal, Duration life) {
        Secret code = parts.secrets().next("");
        return parts.store().transact(principal.actor(), view -> {
            Instant now = parts.now();
            Instant end = now.plus(life);
            return Decision.noted(
                    List.of(
                            new FleetChange.CredentialsExpired(Credential.Kind.SIGN_IN_CODE, now),
                            new FleetChange.CredentialsExpired(Credential.Kind.SESSION, now),
                            new FleetChange.CredentialPut(new Credential(
                                    Credential.Kind.SIGN_IN_CODE, Secrets.hash(code.reveal()), principal, now, end))),
                    new SignInCode(code, end),
                    new Note(now, "access.sign-in-link", principal.subject(), "until " + end));
        });
    }

    SessionGrant redeemSignIn(String code, Duration life) {
        Secret session = parts.secrets().next("");
        return parts.store().transact(Actor.SYSTEM, view -> {
            Instant now = parts.now();
            Credential redeemed = AccessDecisions.getCode(view, code, now);
            Instant end = now.plus(life);
            return Decision.noted(
                    List.of(
                            new FleetChange.CredentialGone(redeemed.hash()),
                            new FleetChange.CredentialPut(new Credential(
                                    Credential.Kind.SESSION,
                                    Secrets.hash(session.reveal()),
                                    redeemed.principal(),
                                    now,
                                    end))),
                    new SessionGrant(session, redeemed.principal(), end),
                    new Note(now, "access.sign-in", redeemed.principal().subject(), "until " + end));
        });
    }

    Principal session(String secret) {
        return parts.store()
                .read(view -> AccessDecisions.getPrincipal(view, Credential.Kind.SESSION, secret, parts.now()));
    }

    void signOut(String secret) {
        parts.store()
                .transact(
                        Actor.SYSTEM,
                        view -> Decision.silent(
                                AccessDecisions.find(view, Credential.Kind.SESSION, secret, parts.now()).stream()
                                        .<FleetChange>map(session -> new FleetChange.CredentialGone(session.hash()))
                                        .toList(),
                                true));
    }
}
