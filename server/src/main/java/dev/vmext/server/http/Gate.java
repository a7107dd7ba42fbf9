package dev.vmext.server.http;

import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.Principal;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpCookie;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests in or not: the name under which the server was reached, who calls, from which site, and what the route asks for.
 * Stateless; any thread.
 */
final class Gate {
    static final String COOKIE = "vmext_session";
    private static final String BEARER = "bearer ";

    private final Fleet fleet;
    private final Set<String> hosts;

    /**
     * @param hosts names under which the server may be reached, without port
     */
    Gate(Fleet fleet, Set<String> hosts) {
        this.fleet = fleet;
        this.hosts = Set.copyOf(hosts);
    }

    /**
     * A page of another site can point its own name at 127.0.0.1 and then is "same origin" for the browser. Its name in the Host field
     * gives it away.
     */
    void checkHost(HttpFields headers) {
        List<String> values = headers.getValuesList(HttpHeader.HOST);
        String host = values.size() == 1 ? hostName(values.getFirst()) : "";
        if (!hosts.contains(host)) {
            throw new ProblemException(
                    ProblemCode.ORIGIN_REFUSED,
                    "cannot answer for the host \"" + Shown.text(host) + "\": this server is reached as "
                            + String.join(", ", hosts.stream().sorted().toList()),
                    "Use one of those names in the address.");
        }
    }

    private static String hostName(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        int colon = name.lastIndexOf(':');
        if (colon >= 0 && name.indexOf(']') < colon) {
            name = name.substring(0, colon);
        }
        return name;
    }

    /** Lets the caller use the route, or says why not. */
    Caller admit(Route route, HttpFields headers, List<HttpCookie> cookies) {
        if (!route.method().safe()) {
            checkSite(headers, false);
        }
        if (route.access() == Access.PUBLIC) {
            return Caller.NOBODY;
        }
        Caller caller = identify(headers, cookies);
        Principal principal = caller.principal();
        if (principal == null) {
            throw new ProblemException(
                    ProblemCode.NOT_SIGNED_IN,
                    "cannot answer: the request has neither a token nor a session",
                    "Send Authorization: Bearer <token>; the first token is in admin.token of the data folder. For the"
                            + " portal ask for a sign-in link with vmext portal.");
        }
        if (caller.sessionCookie().isPresent() && !route.method().safe()) {
            checkSite(headers, true);
        }
        if (!route.access().allows(principal)) {
            throw new ProblemException(
                    ProblemCode.ACCESS_DENIED,
                    "cannot answer " + principal.subject() + ": the permission "
                            + route.access().permission().map(p -> p.wire()).orElse("") + " is missing",
                    "Ask an operator for a token that has it.");
        }
        return caller;
    }

    private Caller identify(HttpFields headers, List<HttpCookie> cookies) {
        String authorization = headers.get(HttpHeader.AUTHORIZATION);
        if (authorization != null) {
            if (!authorization.toLowerCase(Locale.ROOT).startsWith(BEARER)) {
                throw new ProblemException(
                        ProblemCode.NOT_SIGNED_IN,
                        "cannot sign in: the Authorization field is not of the form Bearer <token>",
                        "Send Authorization: Bearer <token>.");
            }
            return new Caller(
                    fleet.authenticate(authorization.substring(BEARER.length()).strip()), Optional.empty());
        }
        for (HttpCookie cookie : cookies) {
            if (cookie.getName().equals(COOKIE)) {
                String secret = cookie.getValue();
                return new Caller(fleet.session(secret), Optional.of(secret));
            }
        }
        return Caller.NOBODY;
    }

    /**
     * A browser sends our cookie along with what other sites make it send. It also says which site that was.
     *
     * @param required whether a request that does not say so is refused
     */
    private static void checkSite(HttpFields headers, boolean required) {
        String site = headers.get("Sec-Fetch-Site");
        String origin = headers.get(HttpHeader.ORIGIN);
        boolean sameSite = site == null || site.equals("same-origin");
        boolean sameOrigin = origin == null || sameHost(origin, headers.get(HttpHeader.HOST));
        if (!sameSite || !sameOrigin || (required && site == null && origin == null)) {
            throw new ProblemException(
                    ProblemCode.ORIGIN_REFUSED,
                    "cannot change anything for a request that "
                            + (origin == null
                                    ? "does not say it is from this site"
                                    : "comes from " + Shown.text(origin)),
                    "Use the portal at its own address, or a token instead of a session.");
        }
    }

    private static boolean sameHost(String origin, @Nullable String host) {
        try {
            URI uri = URI.create(origin);
            return "http".equals(uri.getScheme()) && host != null && host.equalsIgnoreCase(uri.getAuthority());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
