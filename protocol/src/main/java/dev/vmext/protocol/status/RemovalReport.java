package dev.vmext.protocol.status;

import java.util.List;
import java.util.Objects;

/**
 * What an uninstall took away and what it left, found by comparing the machine before the install, before the uninstall and after it.
 *
 * @param gone what the extension had added and is gone
 * @param kept what stays because its package says so
 * @param left what the extension had added, did not declare, and left behind
 * @param more items that are not listed because there were too many
 */
public record RemovalReport(List<Item> gone, List<Item> kept, List<Item> left, int more) {
    /** Items listed in all. */
    public static final int MAX_ITEMS = 200;

    public RemovalReport {
        gone = List.copyOf(gone);
        kept = List.copyOf(kept);
        left = List.copyOf(left);
    }

    /**
     * One thing on the machine.
     *
     * @param kind {@code file}, {@code folder}, {@code unit}, {@code user}, {@code group}, {@code package}, {@code cron} ...
     * @param name a path, a name of a unit, of a user ...
     */
    public record Item(String kind, String name) {
        public Item {
            Objects.requireNonNull(kind);
            Objects.requireNonNull(name);
        }
    }
}
