package dev.vmext.server.gateway;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Every address of the gateway and who may use it. What is not in this table does not exist. */
enum GatewayRoute {
    OPAMP("/v1/opamp", Access.LINK),
    PACKAGE("/v1/packages/sha256/([0-9a-f]{64})", Access.MACHINE),
    METRICS("/v1/metrics", Access.MACHINE),
    /** No name in it can be anything but digits and letters. */
    REPOSITORY(
            "/v1/repositories/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/[A-Za-z0-9_-]{1,64}/"
                    + "(?:config|(?:keys|locks|data|index|snapshots)/(?:[0-9a-f]{64})?)?)",
            Access.MACHINE),
    CERTIFICATES("/v1/certificates/([A-Za-z0-9_-]{1,64}/[a-z0-9][a-z0-9-]{0,63})", Access.MACHINE),
    AGENT_ARCHIVE("/v1/agent/(linux-amd64\\.tar\\.gz)", Access.PUBLIC),
    AGENT_DEB("/v1/agent/(linux-amd64\\.deb)", Access.PUBLIC);

    /** Who may use an address. */
    enum Access {
        /** Anybody: the content carries no secret, and its digest is in the enrolment line. */
        PUBLIC,
        /** An enrolment token, or a certificate that may have expired. */
        LINK,
        /** The valid certificate of an enrolled machine. */
        MACHINE
    }

    private final Pattern path;
    private final Access access;

    GatewayRoute(String path, Access access) {
        this.path = Pattern.compile(path);
        this.access = access;
    }

    Access access() {
        return access;
    }

    boolean takes(String method) {
        return switch (method) {
            case "GET" -> this != METRICS && this != CERTIFICATES;
            case "POST" -> this == OPAMP || this == METRICS || this == REPOSITORY || this == CERTIFICATES;
            case "DELETE" -> this == REPOSITORY;
            case "HEAD" -> this != OPAMP && this != METRICS && this != CERTIFICATES;
            default -> false;
        };
    }

    /** The route of a raw path and the variable in it; no decoding takes place, so nothing can hide in it. */
    static Optional<Match> find(String path) {
        for (GatewayRoute route : values()) {
            Matcher matcher = route.path.matcher(path);
            if (matcher.matches()) {
                return Optional.of(new Match(route, matcher.groupCount() == 0 ? "" : matcher.group(1)));
            }
        }
        return Optional.empty();
    }

    record Match(GatewayRoute route, String variable) {}
}
