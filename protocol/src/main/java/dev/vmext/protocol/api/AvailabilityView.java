package dev.vmext.protocol.api;

import java.util.List;

/**
 * How much of the time something was as it should be.
 *
 * @param kind {@code machine}: connected; {@code installation}: healthy while its machine was connected; {@code probe}: passing
 * @param name empty for the machine itself
 * @param installation whose probe it is; else empty
 * @param state healthy, unhealthy, or unknown when nothing was heard lately
 */
public record AvailabilityView(
        String kind, String name, String installation, String state, List<AvailabilityShare> shares) {
    public AvailabilityView {
        shares = List.copyOf(shares);
    }
}
