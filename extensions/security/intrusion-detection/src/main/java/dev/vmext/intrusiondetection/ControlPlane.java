package dev.vmext.intrusiondetection;

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
import java.util.regex.Pattern;

/** Addresses of the agent's control plane, as far as a handler may know them: they are never blocked. */
final class ControlPlane {
    private static final Pattern IPV4 = Pattern.compile("([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?");

    private ControlPlane() {}

    /**
     * Looks for them.
     *
     * @param agentFile the configuration of the agent; other agents have none
     * @param server the address that the agent names in the contract's variable
     * @param log told what cannot be used
     * @return addresses, and names that fail2ban looks up
     */
    static List<String> find(Path agentFile, Optional<String> server, Consumer<String> log) {
        List<String> hosts = new ArrayList<>();
        if (Files.exists(agentFile)) {
            try {
                Fields fields = Fields.of("agent.json", Json.parse(SmallFiles.readText(agentFile, 256 * 1024)));
                fields.getStrings("gateways").forEach(gateway -> hosts.add(host(gateway)));
            } catch (IOException | JsonException | HandlerException e) {
                log.accept("cannot learn the control plane from " + agentFile + ": " + e.getMessage());
            }
        }
        server.filter(address -> !address.isBlank()).ifPresent(hosts::add);
        List<String> usable = hosts.stream()
                .filter(host -> isNetwork(host) || NAME.matcher(host).matches())
                .distinct()
                .toList();
        if (usable.size() < hosts.size()) {
            log.accept("not all addresses of the control plane can be used; known are " + usable);
        }
        return usable;
    }

    private static String host(String gateway) {
        int colon = gateway.lastIndexOf(':');
        return (colon < 0 ? gateway : gateway.substring(0, colon)).replaceFirst("^\\[(.*)]$", "$1");
    }

    /** An IPv4 or IPv6 address, with or without the length of a prefix. Names are never looked up. */
    static boolean isNetwork(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        boolean ipv4 = IPV4.matcher(address).matches();
        if (slash >= 0
                && (!text.substring(slash + 1).matches("[0-9]{1,3}")
                        || Integer.parseInt(text.substring(slash + 1)) > (ipv4 ? 32 : 128))) {
            return false;
        }
        if (ipv4) {
            return List.of(address.split("\\.", -1)).stream().allMatch(part -> Integer.parseInt(part) <= 255);
        }
        return address.matches("[0-9A-Fa-f:.]{2,45}") && address.contains(":") && isIpv6(address);
    }

    private static boolean isIpv6(String address) {
        try {
            // Only digits and colons get here, so nothing is looked up.
            return java.net.InetAddress.getByName("[" + address + "]") != null;
        } catch (java.net.UnknownHostException e) {
            return false;
        }
    }
}
