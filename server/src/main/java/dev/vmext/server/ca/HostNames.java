package dev.vmext.server.ca;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The names under which machines may reach this host. Reads the host's network; called once at start. */
public final class HostNames {
    /** Where a QEMU guest with user networking sees its host. */
    private static final String QEMU_HOST = "10.0.2.2";

    private static final Pattern DNS_NAME =
            Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");

    private HostNames() {}

    /**
     * Every name and address the gateway's certificate must hold.
     *
     * @param advertised what the operator named in addition
     */
    public static Set<String> all(Collection<String> advertised) {
        Set<String> names = new TreeSet<>();
        names.add("localhost");
        names.add("127.0.0.1");
        names.add("::1");
        names.add(QEMU_HOST);
        for (String name : advertised) {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!usable(lower)) {
                throw new ProblemException(
                        ProblemCode.INVALID_VALUE,
                        "cannot advertise the gateway as " + name + ": it is neither a host name nor an IP address",
                        "give --advertise a name or an address without scheme and port");
            }
            names.add(lower);
        }
        try {
            String host = InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
            // Some hosts carry a name that no certificate can hold; machines cannot use it either.
            if (usable(host)) {
                names.add(host);
            }
        } catch (UnknownHostException e) {
            // A host that cannot resolve its own name is still reached by its addresses.
            names.add("localhost");
        }
        names.addAll(addresses());
        return names;
    }

    private static boolean usable(String name) {
        return isAddress(name) || DNS_NAME.matcher(name).matches();
    }

    static boolean isAddress(String name) {
        try {
            InetAddress.ofLiteral(name);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Set<String> addresses() {
        Set<String> found = new TreeSet<>();
        try {
            Enumeration<NetworkInterface> all = NetworkInterface.getNetworkInterfaces();
            while (all.hasMoreElements()) {
                NetworkInterface one = all.nextElement();
                for (InetAddress address : Collections.list(one.getInetAddresses())) {
                    // A link-local address needs a zone, which differs on the machine's side.
                    if (!address.isLinkLocalAddress() && !address.isLoopbackAddress()) {
                        // Java appends the zone to every IPv6 address of an interface, also where it means nothing.
                        found.add(address.getHostAddress().replaceFirst("%.*", ""));
                    }
                }
            }
            return found;
        } catch (SocketException e) {
            return found;
        }
    }
}
