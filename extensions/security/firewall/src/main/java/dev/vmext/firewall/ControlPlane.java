package dev.vmext.firewall;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.JsonException;
import dev.vmext.extensionkit.SmallFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Where the agent's control plane is, as far as a handler may know: the gateways in the agent's own configuration, which every
 * handler may read, and the address that other agents give in a variable of the contract.
 */
record ControlPlane(List<Endpoint> endpoints) {
    ControlPlane {
        endpoints = List.copyOf(endpoints);
    }

    /**
     * One address the agent connects to by TCP.
     *
     * @param host a name or an address, without brackets
     * @param allPorts whether the agent uses all ports of that host, and the port is only one that answers
     */
    record Endpoint(String host, int port, boolean allPorts) {
        Endpoint {
            if (!host.matches("[A-Za-z0-9]([A-Za-z0-9._-]*|[A-Fa-f0-9:.]*)|[A-Fa-f0-9:.]+") || host.length() > 253) {
                throw new IllegalArgumentException("is not a name or an address");
            }
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException("is not a port");
            }
        }

        /** Reads {@code host:port}, an IPv6 address in brackets. */
        static Endpoint parse(String text) {
            int colon = text.lastIndexOf(':');
            if (colon < 1 || !text.substring(colon + 1).matches("[0-9]{1,5}")) {
                throw new IllegalArgumentException("is not host:port");
            }
            String host = text.substring(0, colon).replaceFirst("^\\[(.*)]$", "$1");
            return new Endpoint(host, Integer.parseInt(text.substring(colon + 1)), false);
        }

        /** Empty where the host is a name: it may have another address tomorrow. */
        Optional<Cidr> findAddress() {
            try {
                return Optional.of(Cidr.parse(host));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }

        String text() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }

    static ControlPlane none() {
        return new ControlPlane(List.of());
    }

    /**
     * Looks for it.
     *
     * @param agentFile the configuration of the agent; other agents have none
     * @param server the address that the agent names in the contract's variable; loopback means nothing
     * @param log told what cannot be used
     */
    static ControlPlane find(Path agentFile, Optional<String> server, Consumer<String> log) {
        List<Endpoint> endpoints = new ArrayList<>();
        if (Files.exists(agentFile)) {
            try {
                Fields fields = Fields.of("agent.json", Json.parse(SmallFiles.readText(agentFile, 256 * 1024)));
                for (String gateway : fields.getStrings("gateways")) {
                    endpoints.add(Endpoint.parse(gateway));
                }
            } catch (IOException | JsonException | HandlerException | IllegalArgumentException e) {
                log.accept("cannot learn the control plane from " + agentFile + ": " + e.getMessage());
            }
        }
        try {
            server.filter(a -> !a.isBlank() && a.indexOf('/') < 0)
                    .map(Cidr::parse)
                    .filter(a -> !a.address().isLoopbackAddress())
                    .ifPresent(a -> endpoints.add(new Endpoint(a.text(), 80, true)));
        } catch (IllegalArgumentException e) {
            log.accept("the agent's server is not given as an address; only its ports are kept open");
        }
        return new ControlPlane(endpoints);
    }

    String text() {
        return String.join(", ", endpoints.stream().map(Endpoint::text).toList());
    }
}
