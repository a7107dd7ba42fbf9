package dev.vmext.server;

import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.FleetStore;
import dev.vmext.fleet.MachineRecord;
import dev.vmext.fleet.provider.MachineProvider;
import dev.vmext.protocol.api.ServerStatus;
import dev.vmext.protocol.freeze.FreezeAnswer;
import dev.vmext.server.alert.AlertClock;
import dev.vmext.server.alert.Availability;
import dev.vmext.server.blob.BlobStore;
import dev.vmext.server.blob.FileBlobStore;
import dev.vmext.server.ca.CertificateAuthority;
import dev.vmext.server.ca.GatewayCertificate;
import dev.vmext.server.ca.HostNames;
import dev.vmext.server.command.CommandOutputs;
import dev.vmext.server.config.Home;
import dev.vmext.server.config.RunFile;
import dev.vmext.server.config.ServerConfig;
import dev.vmext.server.gateway.AgentGateway;
import dev.vmext.server.gateway.AgentSessions;
import dev.vmext.server.gateway.GatewayLimits;
import dev.vmext.server.gateway.GatewaySettings;
import dev.vmext.server.http.Api;
import dev.vmext.server.http.ProblemTranslator;
import dev.vmext.server.metrics.MetricIntake;
import dev.vmext.server.metrics.MetricKeeping;
import dev.vmext.server.metrics.MetricQueries;
import dev.vmext.server.metrics.MetricRetention;
import dev.vmext.server.metrics.MetricStore;
import dev.vmext.server.metrics.MetricStoreSize;
import dev.vmext.server.metrics.Refusals;
import dev.vmext.server.provisioning.AgentArchive;
import dev.vmext.server.provisioning.Enrolments;
import dev.vmext.server.provisioning.GatewayFacts;
import dev.vmext.server.provisioning.Provisioner;
import dev.vmext.server.provisioning.Snapshots;
import dev.vmext.server.publishing.Publishers;
import dev.vmext.server.publishing.Publishing;
import dev.vmext.server.repository.RepositoryFiles;
import dev.vmext.server.repository.RepositoryKeeper;
import dev.vmext.server.repository.Restic;
import dev.vmext.server.repository.StorageMark;
import dev.vmext.server.repository.s3.S3Credentials;
import dev.vmext.server.repository.s3.S3Settings;
import dev.vmext.server.repository.s3.S3Storage;
import dev.vmext.server.seal.MasterKey;
import dev.vmext.server.seal.MasterKeySealer;
import dev.vmext.server.settings.SchemaSettingsValidator;
import dev.vmext.server.webhook.WebhookSender;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The control plane put together by hand: every part in the order in which it starts, each with what it needs. Stopping goes the other
 * way round. Virtual machines are not stopped: they are processes of their own.
 */
final class Wiring {
    private static final System.Logger LOG = System.getLogger(Wiring.class.getName());
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);
    private static final Duration LOOK_AT_POWER = Duration.ofSeconds(5);
    private static final Duration SWEEP = Duration.ofHours(1);
    /** How soon a message is tried again once it may be. */
    private static final Duration SEND = Duration.ofSeconds(2);

    private static final Duration LOOK_AT_RULES = Duration.ofSeconds(15);
    /** Availability is told in steps of this length. */
    private static final Duration SAMPLE = Duration.ofMinutes(1);

    private static final Duration TIDY_METRICS = Duration.ofMinutes(1);
    private static final Duration LOOK_AT_REPOSITORIES = Duration.ofSeconds(20);
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(3);

    private final Deque<Step> started = new ArrayDeque<>();
    private final Home home;
    private final ServerConfig config;
    private final World world;
    private volatile RunFile running = new RunFile(0, "", 0, Instant.EPOCH);

    /** What a test puts something else in the place of. */
    record World(
            InstantSource clock,
            SecureRandom random,
            Function<Home, FleetStore> store,
            Metrics metrics,
            Function<Home, List<MachineProvider>> providers,
            Restic restic,
            Map<String, String> environment) {}

    /** Opens the store of metrics in the home folder. */
    interface Metrics {
        MetricStore open(Home home, MetricRetention retention, InstantSource clock);
    }

    private record Step(String name, Stop stop) {}

    private interface Stop {
        void run() throws Exception;
    }

    private Wiring(Home home, ServerConfig config, World world) {
        this.home = home;
        this.config = config;
        this.world = world;
    }

    /** Starts everything, or nothing. The home folder must be claimed. */
    static Wiring start(Home home, ServerConfig config, World world) throws IOException {
        var wiring = new Wiring(home, config, world);
        boolean whole = false;
        try {
            wiring.start();
            whole = true;
            return wiring;
        } finally {
            if (!whole) {
                wiring.stop();
            }
        }
    }

    /** Where it listens. */
    RunFile running() {
        return running;
    }

    private void start() throws IOException {
        config.lines().forEach(line -> LOG.log(System.Logger.Level.INFO, "Config {0}", line));
        Instant startedAt = world.clock().instant();
        var ids = new SecureIds(world.random());
        var translator = new ProblemTranslator(ids::newId);

        FleetStore store = world.store().apply(home);
        onStop("store", store::close);
        BlobStore blobs = FileBlobStore.open(home.blobs());
        var validator = new SchemaSettingsValidator();
        var sealer =
                new MasterKeySealer(MasterKey.open(home.keys().resolve("master.key"), world.random()), world.random());
        var authority = CertificateAuthority.open(home.keys(), world.clock(), world.random());
        var publishers = Publishers.open(home.publishersFile(), home.keys(), world.random());
        var sessions = new AgentSessions(world.clock());
        var fleet = new Fleet(store, world.clock(), ids, validator, sealer, sessions);
        AdminToken.ensure(fleet, home.adminTokenFile());

        MetricStore metrics = world.metrics().open(home, config.metrics(), world.clock());
        onStop("metrics", metrics::close);
        var refusals = new Refusals();
        var outputs = new CommandOutputs(home.commands());
        RepositoryFiles repositories = repositories(ids);
        onStop("repositories", repositories::close);
        Set<String> names = HostNames.all(config.advertise());
        var gateway = new AgentGateway(
                new GatewaySettings(
                        config.gateway().host(),
                        config.gateway().port(),
                        config.agent(),
                        GatewaySettings.DEFAULT_HEARTBEAT,
                        GatewayLimits.DEFAULTS),
                fleet,
                blobs,
                authority,
                GatewayCertificate.open(home.keys(), authority, names, world.clock()),
                sessions,
                outputs,
                MetricIntake.of(metrics, config.metrics(), refusals, world.clock()),
                repositories,
                world.clock(),
                world.random());
        gateway.start();
        onStop("gateway", gateway::stop);
        var gatewayFacts = new GatewayFacts(
                GatewayNames.bestFirst(config.advertise(), names), gateway.port(), authority.caDigest());

        ExecutorService machineThreads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("machine-", 0).factory());
        onStop("machine work", machineThreads::shutdownNow);
        var agent = new AgentArchive(config.agent());
        List<MachineProvider> providers = world.providers().apply(home);
        var snapshots = new Snapshots(
                fleet, providers, new Still(sessions), machineThreads, world.clock(), translator::translate);
        onStop("snapshots", snapshots::stop);
        var provisioner = new Provisioner(
                fleet,
                providers,
                new Provisioner.Surroundings(
                        publishers,
                        agent,
                        () -> gatewayFacts,
                        home.seeds(),
                        machineThreads,
                        world.clock(),
                        translator::translate));
        onStop("provisioner", provisioner::stop);
        var publishing = new Publishing(home.uploads(), publishers, blobs, fleet, validator);
        publishing.start();
        var webhooks = new WebhookSender(fleet, sealer, world.clock(), System::nanoTime, machineThreads);
        onStop("webhooks", webhooks::stop);
        webhooks.start();
        var keeper = new RepositoryKeeper(
                fleet,
                repositories,
                world.restic(),
                new RepositoryKeeper.Folders(home.folder(), home.proofs(), home.drills()),
                world.clock(),
                ids::newId,
                machineThreads);
        keeper.start();
        var board = new StatusBoard(fleet);
        var api = new Api(
                config,
                new Api.Parts(
                        fleet,
                        provisioner,
                        snapshots,
                        new Enrolments(fleet, publishers, agent, () -> gatewayFacts),
                        publishing,
                        blobs,
                        translator,
                        sessions::requestLog,
                        sessions::readLog,
                        outputs,
                        sessions::examine,
                        webhooks,
                        home.logs(),
                        new MetricQueries(metrics, project -> machines(fleet, project), world.clock()),
                        new Availability(metrics, world.clock()),
                        refusals,
                        keeper,
                        world.clock(),
                        () -> board.counted(
                                new ServerStatus(
                                        version(),
                                        startedAt,
                                        home.folder().toString(),
                                        running.api(),
                                        gatewayFacts.advertised(),
                                        authority.caDigest().text(),
                                        Map.of(),
                                        Map.of(),
                                        0,
                                        0,
                                        size(metrics.size())),
                                sessions.count())),
                HEARTBEAT);
        api.start();
        onStop("api", () -> api.stop(LAST_ANSWERS));

        running = new RunFile(ProcessHandle.current().pid(), api.address(), gatewayFacts.port(), startedAt);
        provisioner.start();
        snapshots.start();
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("timer").factory());
        onStop("timer", timer::shutdownNow);
        var _ = timer.scheduleWithFixedDelay(
                () -> machineThreads.execute(provisioner::observePower),
                0,
                LOOK_AT_POWER.toMillis(),
                TimeUnit.MILLISECONDS);
        var _ = timer.scheduleWithFixedDelay(
                () -> machineThreads.execute(() -> sweep(outputs, fleet)), 0, SWEEP.toMillis(), TimeUnit.MILLISECONDS);
        var _ = timer.scheduleWithFixedDelay(
                () -> machineThreads.execute(webhooks::look), 0, SEND.toMillis(), TimeUnit.MILLISECONDS);
        var alerts = new AlertClock(
                fleet, metrics, project -> machines(fleet, project).keySet(), world.clock());
        var _ = timer.scheduleWithFixedDelay(
                () -> machineThreads.execute(alerts), 0, LOOK_AT_RULES.toMillis(), TimeUnit.MILLISECONDS);
        var _ = timer.scheduleWithFixedDelay(
                () -> machineThreads.execute(alerts::sample), 0, SAMPLE.toMillis(), TimeUnit.MILLISECONDS);
        var keeping = new MetricKeeping(metrics, () -> machineIds(fleet), world.clock());
        var _ = timer.scheduleWithFixedDelay(
                () -> machineThreads.execute(keeping), 0, TIDY_METRICS.toMillis(), TimeUnit.MILLISECONDS);
        var _ = timer.scheduleWithFixedDelay(
                () -> machineThreads.execute(keeper), 0, LOOK_AT_REPOSITORIES.toMillis(), TimeUnit.MILLISECONDS);
        running.write(home.runFile());
        onStop("run file", () -> RunFile.remove(home.runFile()));
        LOG.log(
                System.Logger.Level.INFO,
                "Server started: API {0}, gateway port {1,number,#}",
                running.api(),
                running.gatewayPort());
    }

    /** What knows the store's library is touched only when there is a store. */
    private RepositoryFiles repositories(SecureIds ids) throws IOException {
        var mark = new StorageMark(home.repositories());
        mark.check(config.repositoryStore().map(S3Settings::location));
        if (config.repositoryStore().isEmpty()) {
            return RepositoryFiles.inFolder(home.repositories(), config.diskReserve(), ids::newId);
        }
        S3Settings settings = config.repositoryStore().get();
        Path incoming = home.repositories().resolve(".incoming");
        return RepositoryFiles.open(
                S3Storage.open(
                        settings,
                        S3Credentials.find(settings, world.environment()),
                        incoming,
                        ids::newId,
                        () -> mark.remember(settings.location())),
                incoming,
                config.diskReserve(),
                ids::newId);
    }

    /** Agents hold their machines still for snapshots. */
    private record Still(AgentSessions sessions) implements Snapshots.Stillness {
        @Override
        public CompletableFuture<FreezeAnswer> hold(String machineId, String id, int seconds) {
            return sessions.hold(machineId, id, seconds);
        }

        @Override
        public CompletableFuture<FreezeAnswer> release(String machineId, String id) {
            return sessions.release(machineId, id);
        }
    }

    private static Map<String, String> machines(Fleet fleet, String project) {
        return fleet.machineRecords().stream()
                .filter(machine -> machine.project().equals(project))
                .collect(Collectors.toMap(MachineRecord::id, MachineRecord::name));
    }

    private static Set<String> machineIds(Fleet fleet) {
        return fleet.machineRecords().stream().map(MachineRecord::id).collect(Collectors.toSet());
    }

    private static ServerStatus.MetricsStatus size(MetricStoreSize size) {
        return new ServerStatus.MetricsStatus(size.machines(), size.series(), size.bytes());
    }

    private static void sweep(CommandOutputs outputs, Fleet fleet) {
        try {
            outputs.sweep(fleet::knowsCommand);
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot delete the output of old commands; trying again later", e);
        }
    }

    private void onStop(String name, Stop stop) {
        started.push(new Step(name, stop));
    }

    /** Stops what was started, in reverse order; what fails does not keep the rest from stopping. */
    void stop() {
        while (!started.isEmpty()) {
            Step step = started.pop();
            try {
                step.stop().run();
            } catch (Exception e) {
                // Whatever one part says at its end, the others are stopped all the same.
                LOG.log(System.Logger.Level.WARNING, "Part \"" + step.name() + "\" did not stop cleanly", e);
            }
        }
    }

    private static String version() {
        String version = Wiring.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
