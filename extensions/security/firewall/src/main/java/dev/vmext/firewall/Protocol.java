package dev.vmext.firewall;

import java.util.Locale;

/** What is on top of the Internet protocol. */
enum Protocol {
    TCP,
    UDP,
    /** ICMP and ICMPv6. */
    ICMP,
    /** Encrypted packets of IPsec; only services name it. */
    ESP,
    ANY;

    static Protocol of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }

    boolean hasPorts() {
        return this == TCP || this == UDP || this == ANY;
    }
}
