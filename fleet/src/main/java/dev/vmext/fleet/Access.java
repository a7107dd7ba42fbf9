package dev.vmext.fleet;

import dev.vmext.fleet.Decision.Note;
import dev.vmext.protocol.api.TokenView;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Lets people and programs in: tokens, sign-in links, sessions. Behind {@link Fleet}; as thread-safe as the store. */
final class Access {
    /** Digits of a token's hash that name it. */
    private static final int ID_DIGITS = 12;

    private static final Pattern SUBJECT = Pattern.compile("[A-Za-z0-9._@-]{1,64}");

    private final FleetParts parts;

    Access(FleetParts parts) {
        this.parts = parts;
    }

    Secret createToken(Actor actor, String subject, Set<Permission> permissions) {
        if (!SUBJECT.matcher(subject).matches()) {
            throw Problems.invalidName(
                    "a token's holder", subject, "use 1 to 64 letters, digits, dots, hyphens, underscores and @");
        }
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

    List<TokenView> tokens() {
        return parts.store()
                .read(view -> view.credentials(Credential.Kind.API_TOKEN).stream()
                        .map(Access::token)
                        .toList());
    }

    TokenView token(Secret secret) {
        return parts.store()
                .read(view -> view.findCredential(Secrets.hash(secret.reveal()))
                        .map(Access::token)
                        .orElseThrow());
    }

    private static TokenView token(Credential credential) {
        return new TokenView(
                id(credential),
                credential.principal().subject(),
                credential.principal().permissions().stream()
                        .sorted()
                        .map(Permission::wire)
                        .toList(),
                credential.createdAt());
    }

    private static String id(Credential credential) {
        String hash = credential.hash();
        String digits = hash.substring(hash.indexOf(':') + 1);
        return digits.substring(0, Math.min(ID_DIGITS, digits.length()));
    }

    void revokeToken(Actor actor, String id) {
        parts.store().transact(actor, view -> {
            List<Credential> all = view.credentials(Credential.Kind.API_TOKEN);
            Credential gone = all.stream()
                    .filter(credential -> id(credential).equals(id))
                    .findFirst()
                    .orElseThrow(() -> new ProblemException(
                            ProblemCode.TOKEN_NOT_FOUND,
                            "cannot revoke token " + Problems.shown(id) + ": there is none",
                            "vmext token list shows those there are"));
            boolean last = all.stream()
                    .noneMatch(other -> !other.hash().equals(gone.hash())
                            && other.principal().may(Permission.ACCESS_WRITE));
            if (last && gone.principal().may(Permission.ACCESS_WRITE)) {
                throw new ProblemException(
                        ProblemCode.LAST_TOKEN,
                        "cannot revoke token " + id + ": it is the last one that may let people in",
                        "make another one first: vmext token create");
            }
            return Decision.noted(
                    gone(view, gone),
                    true,
                    new Note(parts.now(), "access.revoke", gone.principal().subject(), "token " + id));
        });
    }

    /** With it go the sessions of whoever held it: they were opened by it, or can be opened again by another token. */
    private static List<FleetChange> gone(FleetView view, Credential token) {
        List<FleetChange> changes = new ArrayList<>(List.of(new FleetChange.CredentialGone(token.hash())));
        for (Credential.Kind kind : List.of(Credential.Kind.SIGN_IN_CODE, Credential.Kind.SESSION)) {
            view.credentials(kind).stream()
                    .filter(other ->
                            other.principal().subject().equals(token.principal().subject()))
                    .forEach(other -> changes.add(new FleetChange.CredentialGone(other.hash())));
        }
        return changes;
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
