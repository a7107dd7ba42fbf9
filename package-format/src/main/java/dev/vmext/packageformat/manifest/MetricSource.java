package dev.vmext.packageformat.manifest;

import java.net.URI;

/** How metrics are asked for. */
public sealed interface MetricSource {
    /** With GET from an http or https address. */
    record Web(URI url) implements MetricSource {}

    /**
     * With GET over a unix socket.
     *
     * @param socket absolute path of the socket
     * @param path of the request, with a leading slash
     */
    record UnixSocket(String socket, String path) implements MetricSource {}
}
