package dev.vmext.fleet;

import dev.vmext.packageformat.manifest.ExtensionManifest;
import dev.vmext.packageformat.manifest.GatewayUse;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.util.List;

/** What handlers on machines may have of the gateway, by the machine's goal. Behind {@link Fleet}; as thread-safe as the store. */
final class GatewayUses {
    private final FleetParts parts;

    GatewayUses(FleetParts parts) {
        this.parts = parts;
    }

    String settings(String machineId, String name, GatewayUse use) {
        return parts.store().read(view -> {
            Machine machine = Problems.getMachine(view, machineId);
            Releases releases = new Releases(view);
            return view.installations(machineId).stream()
                    .filter(installation -> installation.name().equals(name))
                    .filter(installation -> mayUse(installation, releases, use))
                    .findFirst()
                    .map(installation -> installation.settings().publicText())
                    .orElseThrow(() -> new ProblemException(
                            ProblemCode.ACCESS_DENIED,
                            "cannot give " + machine.name() + " anything for the installation " + name
                                    + ": its goal has none of that name whose package declares gateway: " + use.text(),
                            "install an extension that declares it"));
        });
    }

    private static boolean mayUse(Installation installation, Releases releases, GatewayUse use) {
        var line = installation.placement().line();
        return line != null
                && line.presence() == Presence.PRESENT
                && installation.want().presence() == Presence.PRESENT
                && releases.get(line.extension(), line.packageDigest())
                        .description()
                        .extension()
                        .map(ExtensionManifest::execution)
                        .filter(execution -> execution.gateway().contains(use))
                        .isPresent();
    }

    void noteCertificate(String machineId, String installation, String detail) {
        parts.store().transact(Actor.machine(machineId), view -> {
            Machine machine = Problems.getMachine(view, machineId);
            return Decision.noted(
                    List.of(),
                    true,
                    new Decision.Note(
                            parts.now(),
                            "certificate.issue",
                            machine.project() + "/" + machine.name() + "/" + installation,
                            detail));
        });
    }
}
