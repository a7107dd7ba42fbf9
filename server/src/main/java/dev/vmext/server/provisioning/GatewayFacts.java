package dev.vmext.server.provisioning;

import dev.vmext.protocol.Digest;
import java.util.List;

/**
 * What a machine must know of the agent gateway before its first connection.
 *
 * @param names under which machines may reach it, the best first
 * @param port where it really listens
 * @param caDigest digest of its CA's certificate
 */
public record GatewayFacts(List<String> names, int port, Digest caDigest) {
    public GatewayFacts {
        names = List.copyOf(names);
    }

    String address(String host) {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /** The address for machines about which nothing is known. */
    public String advertised() {
        return address(names.isEmpty() ? "127.0.0.1" : names.getFirst());
    }
}
