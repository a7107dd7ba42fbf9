package dev.vmext.server.http;

import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.Permission;
import dev.vmext.fleet.Principal;
import dev.vmext.fleet.Secret;
import dev.vmext.protocol.api.Items;
import dev.vmext.protocol.api.TokenCreate;
import dev.vmext.protocol.api.TokenSecret;
import dev.vmext.protocol.api.TokenView;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.json.Suggestion;
import java.io.IOException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** {@code /v1/tokens}: what programs and people sign in with. */
final class TokenResource {
    private final Fleet fleet;

    TokenResource(Fleet fleet) {
        this.fleet = fleet;
    }

    Answer list(Call call) {
        return Answer.ok(new Items<>(fleet.tokens()));
    }

    /** Nobody gives away what they do not have. */
    Answer create(Call call) throws IOException {
        TokenCreate request = call.body(TokenCreate.class);
        Principal caller = call.principal();
        Set<Permission> permissions = EnumSet.noneOf(Permission.class);
        List<String> words = request.permissions();
        if (words == null) {
            permissions.addAll(caller.permissions());
        } else {
            words.forEach(word -> permissions.add(permission(word)));
        }
        for (Permission permission : permissions) {
            if (!caller.may(permission)) {
                throw new ProblemException(
                        ProblemCode.ACCESS_DENIED,
                        "cannot make a token with " + permission.wire() + ": its maker does not have that permission",
                        "Leave it out, or ask somebody who has it.");
            }
        }
        Secret secret = fleet.createToken(caller.actor(), request.subject(), permissions);
        TokenView token = fleet.token(secret);
        return Answer.created(new TokenSecret(token, secret.reveal()), "/v1/tokens/" + token.id());
    }

    private static Permission permission(String word) {
        return Permission.find(word)
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.INVALID_VALUE,
                        "cannot make a token with \"" + Shown.text(word) + "\": there is no such permission",
                        Suggestion.sentence(
                                word,
                                Arrays.stream(Permission.values())
                                        .map(Permission::wire)
                                        .toList())));
    }

    Answer revoke(Call call) {
        fleet.revokeToken(call.principal().actor(), call.path("token"));
        return Answer.nothing();
    }
}
