package dev.vmext.firewall;

import dev.vmext.extensionkit.HandlerException;
import java.util.List;
import java.util.Optional;

/**
 * Refuses settings that would cut the agent off. That can only happen where somebody names the ports of the control plane
 * himself, and names others than the agent uses. Pure.
 */
final class Lockout {
    private final FirewallSettings settings;

    private Lockout(FirewallSettings settings) {
        this.settings = settings;
    }

    static void refuse(FirewallSettings settings, ControlPlane controlPlane) {
        Lockout lockout = new Lockout(settings);
        for (ControlPlane.Endpoint endpoint : controlPlane.endpoints()) {
            lockout.reason(endpoint).ifPresent(why -> {
                throw HandlerException.badSettings(
                        "cannot use settings.controlPlanePorts: the machine would lose its control plane at "
                                + endpoint.text() + ", because " + why,
                        "Add " + endpoint.port()
                                + " to controlPlanePorts, or leave controlPlanePorts away: then the agent's ports stay open.");
            });
        }
    }

    private Optional<String> reason(ControlPlane.Endpoint endpoint) {
        Ports port = new Ports(endpoint.port(), endpoint.port());
        if (settings.controlPlanePorts().isEmpty()
                || settings.controlPlanePorts().stream().anyMatch(p -> p.contains(port))) {
            return Optional.empty();
        }
        if (!settings.allowEstablished()) {
            return Optional.of("allowEstablished is false, so its answers would be dropped");
        }
        for (Rule rule : settings.rules()) {
            if (rule.direction() == Rule.Direction.OUT && fits(rule, endpoint, port)) {
                return rule.action() == Rule.Action.ACCEPT
                        ? Optional.empty()
                        : Optional.of("the rule " + rule.name() + " would " + Rule.word(rule.action()) + " it");
            }
        }
        return settings.dropOutbound()
                ? Optional.of("defaultOutbound is drop and no rule accepts it")
                : Optional.empty();
    }

    /** Where it cannot be known, a rule that forbids counts and one that allows does not. */
    private static boolean fits(Rule rule, ControlPlane.Endpoint endpoint, Ports port) {
        Traffic packet = new Traffic(Protocol.TCP, List.of(port));
        if (rule.traffic().stream().noneMatch(t -> t.covers(packet))) {
            return false;
        }
        Optional<Cidr> address = endpoint.findAddress();
        boolean known = rule.sources().isEmpty() && rule.interfaces().isEmpty();
        if (address.isPresent()) {
            if (!rule.destinations().isEmpty()
                    && rule.destinations().stream().noneMatch(d -> d.contains(address.get()))) {
                return false;
            }
        } else {
            known = known && rule.destinations().isEmpty();
        }
        return known || rule.action() != Rule.Action.ACCEPT;
    }
}
