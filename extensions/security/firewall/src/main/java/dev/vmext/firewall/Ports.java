package dev.vmext.firewall;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A range of ports; a lone port is a range of one. */
record Ports(int first, int last) {
    Ports {
        if (first < 1 || last > 65_535) {
            throw new IllegalArgumentException("is not a port from 1 to 65535");
        }
        if (first > last) {
            throw new IllegalArgumentException("is a range that ends before it begins");
        }
    }

    /** Reads {@code 22} or {@code 8000-8100}. */
    static Ports parse(String text) {
        if (!text.matches("[0-9]{1,5}(-[0-9]{1,5})?")) {
            throw new IllegalArgumentException("is not a port or a range of ports like 8000-8100");
        }
        int dash = text.indexOf('-');
        int first = Integer.parseInt(dash < 0 ? text : text.substring(0, dash));
        return new Ports(first, dash < 0 ? first : Integer.parseInt(text.substring(dash + 1)));
    }

    /** Sorted, with touching and overlapping ranges joined, as sets of nftables want them. */
    static List<Ports> joined(List<Ports> ranges) {
        List<Ports> joined = new ArrayList<>();
        for (Ports next :
                ranges.stream().sorted(Comparator.comparingInt(Ports::first)).toList()) {
            if (!joined.isEmpty() && next.first <= joined.getLast().last + 1) {
                Ports before = joined.removeLast();
                joined.add(new Ports(before.first, Math.max(before.last, next.last)));
            } else {
                joined.add(next);
            }
        }
        return List.copyOf(joined);
    }

    boolean contains(Ports other) {
        return first <= other.first && other.last <= last;
    }

    String text() {
        return first == last ? Integer.toString(first) : first + "-" + last;
    }
}
