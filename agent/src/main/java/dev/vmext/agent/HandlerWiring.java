package dev.vmext.agent;

import dev.vmext.agent.config.Places;
import dev.vmext.agent.contract.AzureContract;
import dev.vmext.agent.contract.FindingEvents;
import dev.vmext.agent.contract.KeptEvents;
import dev.vmext.agent.fetch.PackageStore;
import dev.vmext.agent.host.HostCare;
import dev.vmext.agent.journal.Journal;
import dev.vmext.agent.process.LinuxProcesses;
import dev.vmext.agent.run.GatewayAccess;
import dev.vmext.agent.run.HealthWatch;
import dev.vmext.agent.run.Limits;
import dev.vmext.agent.run.LinuxProbes;
import dev.vmext.agent.run.Monitoring;
import dev.vmext.agent.run.SettingsGuard;
import dev.vmext.agent.run.StepRunner;
import dev.vmext.agent.seal.Secrets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Puts together what commands of handlers need, for an agent that runs and for the owner's hand while none does. */
final class HandlerWiring {
    /** Of one command, while it runs. */
    private static final long MAX_OUTPUT = 1L << 20;

    /** What handlers and probes may see of the agent's own environment. */
    private static final List<String> ENVIRONMENT = List.of(
            "PATH",
            "HOME",
            "LANG",
            "LC_ALL",
            "TZ",
            "http_proxy",
            "https_proxy",
            "no_proxy",
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "NO_PROXY");

    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final Places places;
    private final InstantSource clock;
    private final AzureContract contract;
    private final LinuxProcesses processes;
    private final Map<String, String> environment = environment();

    /**
     * @param home the agent's own folder, with run-handler and runtime in it
     * @param findings takes those among the handlers' events
     */
    HandlerWiring(Places places, Path home, Secrets secrets, InstantSource clock, FindingEvents findings)
            throws IOException {
        this.places = places;
        this.clock = clock;
        Path java = home.resolve("runtime/bin/java");
        this.contract = new AzureContract(
                environment,
                places.certificates(),
                Files.exists(java) ? java : null,
                clock,
                new KeptEvents(places.events(), secrets::redact),
                findings);
        this.processes = new LinuxProcesses(home.resolve("run-handler"), MAX_OUTPUT, Thread::sleep);
    }

    /** One pass over an extension's events folder. */
    void collectEvents(String extension, Path logs) throws IOException {
        contract.collectEvents(extension, logs);
    }

    LinuxProcesses processes() {
        return processes;
    }

    StepRunner runner(PackageStore packages, SettingsGuard guard, Limits limits, HostCare care, GatewayAccess gateway) {
        return new StepRunner(places, packages, contract, processes, guard, limits, clock, care, gateway);
    }

    HealthWatch.Maker watches(SettingsGuard guard, Limits limits, Monitoring monitoring) {
        return new HealthWatch.Maker(places, contract, new LinuxProbes(environment), guard, limits, clock, monitoring);
    }

    /** What takes an installation away while no agent runs. The caller holds the journal's lock and closes the journal. */
    static OfflineRemoval offline(Places places, Path home, Secrets secrets, Journal journal, double stretch)
            throws IOException {
        PackageStore packages = new PackageStore(places.packages(), places.trustFile(), (path, into, size, atMost) -> {
            throw new IOException("nothing is fetched while no agent runs");
        });
        HandlerWiring handlers = new HandlerWiring(places, home, secrets, InstantSource.system(), FindingEvents.NONE);
        StepRunner runner = handlers.runner(
                packages,
                new OwnersWord(packages, secrets),
                Limits.stretched(stretch),
                HostCare.none(),
                GatewayAccess.NONE);
        return new OfflineRemoval(journal, runner, handlers.clock, handlers.processes.bootId());
    }

    /** What commands of handlers, probes and run-once commands see of the agent's own environment. */
    static Map<String, String> environment() {
        Map<String, String> seen = new HashMap<>();
        for (String name : ENVIRONMENT) {
            String value = System.getenv(name);
            if (value != null) {
                seen.put(name, value);
            }
        }
        seen.putIfAbsent("PATH", DEFAULT_PATH);
        seen.putIfAbsent("HOME", "/root");
        seen.putIfAbsent("LANG", "C.UTF-8");
        return seen;
    }
}
