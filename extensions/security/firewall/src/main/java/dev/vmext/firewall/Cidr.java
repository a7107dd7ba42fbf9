package dev.vmext.firewall;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** A network in CIDR form, IPv4 or IPv6. A lone address is a network of one. Names are never looked up. */
record Cidr(InetAddress address, int prefix) {
    /** Reads {@code 10.0.0.0/8}; throws with the reason, without repeating the text. */
    static Cidr parse(String text) {
        int slash = text.indexOf('/');
        String host = slash < 0 ? text : text.substring(0, slash);
        // Only full literals: the parser would also take 10.1 for an address, and a zone for a part of one.
        boolean ipv4 = host.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
        if (!ipv4 && !(host.contains(":") && host.matches("[0-9A-Fa-f:.]{2,45}"))) {
            throw new IllegalArgumentException("is not an IPv4 or IPv6 address or network");
        }
        InetAddress address;
        try {
            address = InetAddress.ofLiteral(host);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("is not an IPv4 or IPv6 address or network", e);
        }
        if (ipv4 != address instanceof Inet4Address) {
            throw new IllegalArgumentException("is an IPv4 address written as IPv6; write it as IPv4");
        }
        int longest = ipv4 ? 32 : 128;
        int prefix = longest;
        if (slash >= 0) {
            String length = text.substring(slash + 1);
            if (!length.matches("[0-9]{1,3}") || Integer.parseInt(length) > longest) {
                throw new IllegalArgumentException("has a prefix length that is not 0 to " + longest);
            }
            prefix = Integer.parseInt(length);
        }
        Cidr cidr = new Cidr(address, prefix);
        if (!cidr.equals(cidr.masked())) {
            throw new IllegalArgumentException(
                    "has bits after its prefix; the network is " + cidr.masked().text());
        }
        return cidr;
    }

    boolean isIpv4() {
        return address instanceof Inet4Address;
    }

    boolean isEverything() {
        return prefix == 0;
    }

    boolean contains(Cidr other) {
        return isIpv4() == other.isIpv4()
                && prefix <= other.prefix
                && new Cidr(other.address, prefix).masked().equals(this);
    }

    /** Only networks that no other one contains, as sets of nftables must not overlap. */
    static List<Cidr> withoutOverlap(List<Cidr> networks) {
        List<Cidr> kept = new ArrayList<>();
        for (Cidr network : networks) {
            if (kept.stream().noneMatch(k -> k.contains(network))) {
                kept.removeIf(network::contains);
                kept.add(network);
            }
        }
        return List.copyOf(kept);
    }

    /** In the form nftables reads. */
    String text() {
        String host = address.getHostAddress();
        return prefix == (isIpv4() ? 32 : 128) ? host : host + "/" + prefix;
    }

    private Cidr masked() {
        byte[] bytes = address.getAddress();
        for (int i = 0; i < bytes.length; i++) {
            int bits = Math.clamp(prefix - 8L * i, 0, 8);
            bytes[i] &= (byte) (0xff << (8 - bits));
        }
        try {
            return new Cidr(InetAddress.getByAddress(bytes), prefix);
        } catch (java.net.UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }
}
