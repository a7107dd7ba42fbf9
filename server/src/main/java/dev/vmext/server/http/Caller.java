package dev.vmext.server.http;

import dev.vmext.fleet.Principal;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who a request says it is from.
 *
 * @param principal null for nobody in particular
 * @param sessionCookie the session's secret, when the browser's cookie is what identified the caller
 */
record Caller(@Nullable Principal principal, Optional<String> sessionCookie) {
    static final Caller NOBODY = new Caller(null, Optional.empty());

    @Override
    public String toString() {
        return principal == null ? "nobody" : principal.subject();
    }
}
