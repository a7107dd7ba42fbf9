package dev.vmext.server.webhook;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Which addresses messages may go to. Who may make webhooks must not reach, through the control plane, what only the control plane's
 * host can reach and what answers without asking who it is: above all a cloud's metadata service. Pure.
 */
final class Destinations {
    /** Metadata services outside the link-local network. */
    private static final List<String> METADATA = List.of("100.100.100.200", "fd00:ec2:0:0:0:0:0:254");

    private Destinations() {}

    /** Why nothing may be sent there, empty when it may. */
    static Optional<String> refuses(InetAddress address, boolean encrypted) {
        String shown = address.getHostAddress();
        if (address.isLinkLocalAddress() || METADATA.contains(withoutZone(shown))) {
            return Optional.of(shown + " is link-local or a metadata service; nothing is sent there");
        }
        if (address.isAnyLocalAddress() || address.isMulticastAddress() || reserved(address)) {
            return Optional.of(shown + " is no address of one host; nothing is sent there");
        }
        if (!encrypted && !address.isLoopbackAddress() && !isPrivate(address)) {
            return Optional.of("http to " + shown + " would show everybody on the way what was found; use https");
        }
        return Optional.empty();
    }

    private static String withoutZone(String shown) {
        int zone = shown.indexOf('%');
        return zone < 0 ? shown : shown.substring(0, zone);
    }

    private static boolean reserved(InetAddress address) {
        byte[] bytes = address.getAddress();
        int first = bytes[0] & 0xff;
        if (address instanceof Inet4Address) {
            return first == 0 || first >= 240;
        }
        // Addresses that carry another one inside would lead around all of this.
        boolean mapped = Arrays.equals(Arrays.copyOf(bytes, 12), new byte[12])
                || (first == 0x00 && (bytes[1] & 0xff) == 0x64 && (bytes[2] & 0xff) == 0xff)
                || (first == 0x20 && bytes[1] == 0x02);
        return mapped && !address.isLoopbackAddress();
    }

    private static boolean isPrivate(InetAddress address) {
        byte[] bytes = address.getAddress();
        int first = bytes[0] & 0xff;
        int second = bytes[1] & 0xff;
        if (address instanceof Inet4Address) {
            return address.isSiteLocalAddress() || (first == 100 && second >= 64 && second < 128);
        }
        return (first & 0xfe) == 0xfc;
    }
}
