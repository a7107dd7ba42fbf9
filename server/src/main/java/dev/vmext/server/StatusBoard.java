package dev.vmext.server;

import dev.vmext.fleet.ExtensionFilter;
import dev.vmext.fleet.Fleet;
import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.api.ServerStatus;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Counts what there is for the status page. Any thread. */
final class StatusBoard {
    private static final String PROJECT = "default";

    private final Fleet fleet;

    StatusBoard(Fleet fleet) {
        this.fleet = fleet;
    }

    /** Fills the counts into what the wiring knows of itself. */
    ServerStatus counted(ServerStatus self, int connectedAgents) {
        List<MachineView> machines = fleet.listMachines(PROJECT);
        List<InstallationView> installations = fleet.listInstallations(PROJECT);
        return new ServerStatus(
                self.version(),
                self.startedAt(),
                self.home(),
                self.api(),
                self.gateway(),
                self.caDigest(),
                byState(machines, MachineView::state),
                byState(installations, InstallationView::state),
                fleet.listExtensions(ExtensionFilter.ALL).size(),
                connectedAgents,
                self.metrics());
    }

    private static <T> Map<String, Integer> byState(List<T> all, Function<T, String> state) {
        return all.stream().collect(Collectors.toMap(state, one -> 1, Integer::sum, TreeMap::new));
    }
}
