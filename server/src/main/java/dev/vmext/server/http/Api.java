package dev.vmext.server.http;

import dev.vmext.fleet.Fleet;
import dev.vmext.protocol.api.ServerStatus;
import dev.vmext.server.alert.Availability;
import dev.vmext.server.blob.BlobStore;
import dev.vmext.server.command.CommandOutputs;
import dev.vmext.server.config.ServerConfig;
import dev.vmext.server.diagnosis.MachineBundle;
import dev.vmext.server.metrics.MetricQueries;
import dev.vmext.server.metrics.Refusals;
import dev.vmext.server.provisioning.Enrolments;
import dev.vmext.server.provisioning.Provisioner;
import dev.vmext.server.provisioning.Snapshots;
import dev.vmext.server.publishing.Publishing;
import dev.vmext.server.repository.RepositoryKeeper;
import dev.vmext.server.webhook.WebhookSender;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;

/** The whole API put together: resources, table, gate, socket. Owned by Wiring. */
public final class Api {
    private final EventResource events;
    private final CommandOutputs outputs;
    private final LogStreams logs;
    private final ApiServer server;

    /** The parts of the server that the API speaks for. */
    public record Parts(
            Fleet fleet,
            Provisioner provisioner,
            Snapshots snapshots,
            Enrolments enrolments,
            Publishing publishing,
            BlobStore blobs,
            ProblemTranslator translator,
            AgentLogs agentLogs,
            LogReads logReads,
            CommandOutputs outputs,
            Examiner examiner,
            WebhookSender webhooks,
            Path logs,
            MetricQueries metrics,
            Availability availability,
            Refusals refusals,
            RepositoryKeeper repositories,
            InstantSource clock,
            Supplier<ServerStatus> status) {}

    /**
     * @param heartbeat how often an event stream with nothing to tell says that it is there
     */
    public Api(ServerConfig config, Parts parts, Duration heartbeat) {
        this.events = new EventResource(parts.fleet(), heartbeat);
        this.outputs = parts.outputs();
        this.logs = new LogStreams(parts.logReads());
        var resources = new Routes.Resources(
                new StatusResource(parts.status()),
                new MachineResource(parts.fleet(), parts.provisioner(), parts.agentLogs(), logs),
                new SnapshotResource(parts.fleet(), parts.snapshots(), parts.provisioner()),
                new ExaminationResource(
                        parts.fleet(),
                        parts.examiner(),
                        new MachineBundle(parts.fleet(), parts.logs(), parts.status())),
                new MetricResource(parts.fleet(), parts.metrics(), parts.refusals(), parts.clock()::millis),
                new InstallationResource(parts.fleet(), logs),
                new CommandResource(parts.fleet(), parts.outputs(), heartbeat),
                new FindingResource(parts.fleet()),
                new WebhookResource(parts.fleet(), parts.webhooks()::test),
                new AlertResource(parts.fleet(), parts.availability()),
                new RepositoryResource(parts.fleet(), parts.repositories()),
                new EnrolmentResource(parts.enrolments()),
                new ExtensionResource(parts.fleet(), parts.publishing(), parts.blobs()),
                events,
                new SessionResource(parts.fleet(), this::address),
                new TokenResource(parts.fleet()),
                new AuditResource(parts.fleet()));
        this.server = new ApiServer(
                config.api(),
                new ApiHandler(
                        new Routes(resources, config.packageLimit()),
                        new Gate(parts.fleet(), hosts(config)),
                        parts.translator(),
                        new PortalFiles(config.portal())));
    }

    private static Set<String> hosts(ServerConfig config) {
        Set<String> hosts = new HashSet<>(Set.of("localhost", "127.0.0.1", "[::1]"));
        String own = config.api().host().toLowerCase(Locale.ROOT);
        hosts.add(own.contains(":") ? "[" + own + "]" : own);
        return hosts;
    }

    /** Listens, or fails with port-in-use. */
    public void start() {
        server.start();
    }

    /** Its base address, once it listens. */
    public String address() {
        return "http://" + server.address();
    }

    public void stop(Duration deadline) {
        // Streams never end by themselves and would use up the whole deadline.
        events.close();
        outputs.close();
        logs.close();
        server.stop(deadline);
    }
}
