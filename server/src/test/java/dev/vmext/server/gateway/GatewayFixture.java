package dev.vmext.server.gateway;

import dev.vmext.fleet.Actor;
import dev.vmext.fleet.Enrolment;
import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.FleetStore;
import dev.vmext.fleet.Publication;
import dev.vmext.fleet.testing.CountingIds;
import dev.vmext.fleet.testing.FakeSettingsValidator;
import dev.vmext.fleet.testing.InMemoryFleetStore;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.api.EnrolmentCreate;
import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.server.blob.BlobStore;
import dev.vmext.server.blob.testing.InMemoryBlobStore;
import dev.vmext.server.ca.CertificateAuthority;
import dev.vmext.server.ca.GatewayCertificate;
import dev.vmext.server.ca.MachineKeys;
import dev.vmext.server.command.CommandOutputs;
import dev.vmext.server.metrics.MetricIntake;
import dev.vmext.server.metrics.MetricRate;
import dev.vmext.server.metrics.MetricRetention;
import dev.vmext.server.metrics.MetricStore;
import dev.vmext.server.metrics.Refusals;
import dev.vmext.server.metrics.testing.InMemoryMetricStore;
import dev.vmext.server.repository.RepositoryFiles;
import dev.vmext.server.seal.MasterKey;
import dev.vmext.server.seal.MasterKeySealer;
import dev.vmext.testkit.ManualClock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A control plane with a real gateway on a free port, its store and blobs in memory, its clock in the test's hand. */
final class GatewayFixture implements AutoCloseable {
    static final Actor ADMIN = Actor.user("admin");
    static final String PROJECT = "default";
    static final String EXTENSION = "acme.Web";

    private static final String HANDLER = """
            [{"name": "x", "version": 1.0, "handlerManifest": {"installCommand": "i", "enableCommand": "e",
              "disableCommand": "d", "updateCommand": "u", "uninstallCommand": "n"}}]""";
    /** An extension whose handlers may use repositories. */
    static final String BACKUP = "acme.Backup";

    private static final String BACKUP_MANIFEST = """
            {"schemaVersion": 1, "name": "acme.Backup", "version": "1.0", "displayName": "Backup", "category": "backup",
             "kind": "continuous", "instances": "many", "scripts": false, "gateway": ["repository"]}""";
    private static final String MANIFEST = """
            {"schemaVersion": 1, "name": "acme.Web", "version": "1.0", "displayName": "Web", "category": "management",
             "kind": "continuous", "instances": "many", "scripts": false,
             "settingsSchema": {"type": "object", "properties": {"n":{}}},
             "protectedSchema": {"type": "object", "properties": {"password":{}}}}""";

    static final int SAMPLES_PER_SECOND = 10;
    static final int SAMPLES_AT_ONCE = 6000;

    /** Whether its agents poll. */
    boolean polling;

    final ManualClock clock;
    final FleetStore store;
    final AgentSessions sessions;
    final Fleet fleet;
    final BlobStore blobs = new InMemoryBlobStore();
    final CertificateAuthority authority;
    final CommandOutputs outputs;
    final AgentGateway gateway;
    final MetricStore metrics;
    final RepositoryFiles repositories;
    final Refusals refusals = new Refusals();

    GatewayFixture(Path home) {
        this(home, new InMemoryFleetStore(), GatewayLimits.DEFAULTS);
    }

    GatewayFixture(Path home, FleetStore store, GatewayLimits limits) {
        this(home, store, limits, ManualClock.atNewYear(), 0);
    }

    /**
     * The same at another time.
     *
     * @param clock for programs that judge certificates by the real time
     * @param port 0 for any
     */
    GatewayFixture(Path home, FleetStore store, GatewayLimits limits, ManualClock clock, int port) {
        this(home, store, limits, clock, port, repositories(home));
    }

    GatewayFixture(
            Path home,
            FleetStore store,
            GatewayLimits limits,
            ManualClock clock,
            int port,
            RepositoryFiles repositories) {
        this.clock = clock;
        this.sessions = new AgentSessions(clock);
        this.metrics = new InMemoryMetricStore(MetricRetention.DEFAULTS, clock);
        this.repositories = repositories;
        SecureRandom random = new SecureRandom();
        this.store = store;
        this.fleet = new Fleet(
                store,
                clock,
                new CountingIds(),
                new FakeSettingsValidator(),
                new MasterKeySealer(MasterKey.open(home.resolve("master.key"), random), random),
                sessions);
        this.outputs = new CommandOutputs(home.resolve("commands"));
        Path ca = home.resolve("ca");
        this.authority = CertificateAuthority.open(ca, clock, random);
        GatewayCertificate certificate =
                GatewayCertificate.open(ca, authority, Set.of("localhost", "127.0.0.1"), clock);
        this.gateway = new AgentGateway(
                new GatewaySettings(
                        "127.0.0.1", port, Optional.of(home.resolve("agent")), Duration.ofSeconds(30), limits),
                fleet,
                blobs,
                authority,
                certificate,
                sessions,
                outputs,
                new MetricIntake(
                        metrics,
                        new MetricRate(clock, SAMPLES_PER_SECOND, SAMPLES_AT_ONCE),
                        MetricRetention.DEFAULTS,
                        refusals,
                        clock),
                repositories,
                clock,
                random);
        gateway.start();
    }

    private static RepositoryFiles repositories(Path home) {
        try {
            return RepositoryFiles.inFolder(
                    home.resolve("repositories"), 0, () -> UUID.randomUUID().toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String state(String machine) {
        return fleet.getMachine(PROJECT, machine).state();
    }

    void awaitState(String machine, String state) throws InterruptedException {
        CountDownLatch changed = new CountDownLatch(1);
        fleet.onCommit((machines, events) -> {
            if (state(machine).equals(state)) {
                changed.countDown();
            }
        });
        if (!state(machine).equals(state) && !changed.await(30, TimeUnit.SECONDS)) {
            throw new AssertionError(machine + " is " + state(machine));
        }
    }

    /** Declares a machine and gives it a token. */
    Enrolment enrolment(String machine) {
        return fleet.createEnrolment(ADMIN, PROJECT, new EnrolmentCreate(machine, null, null, null, null, null, null));
    }

    /** The extension that all tests install. */
    Digest publish() throws IOException {
        byte[] zip = zip();
        Digest digest = Digest.of(zip);
        blobs.put(digest, new ByteArrayInputStream(zip));
        fleet.publish(
                ADMIN,
                new Publication(
                        EXTENSION, "1.0", HANDLER, Optional.of(MANIFEST), digest, zip.length, "{\"signed\":1}", "key"));
        return digest;
    }

    /** Publishes {@link #BACKUP}. */
    void publishBackup() {
        fleet.publish(
                ADMIN,
                new Publication(
                        BACKUP,
                        "1.0",
                        HANDLER,
                        Optional.of(BACKUP_MANIFEST),
                        Digest.of(BACKUP.getBytes(StandardCharsets.UTF_8)),
                        1,
                        "{\"signed\":1}",
                        "key"));
    }

    static byte[] zip() {
        return "a package that says 0123456789 over and over ".repeat(10_000).getBytes(StandardCharsets.UTF_8);
    }

    InstallationView install(String machine, String name, Map<String, Object> settings) {
        return fleet.putInstallation(
                ADMIN, PROJECT, machine, name, new InstallationWrite(EXTENSION, null, settings, null, null, null));
    }

    InstallationView installWithSecret(String machine, String name, Map<String, Object> secret) {
        return fleet.putInstallation(
                ADMIN, PROJECT, machine, name, new InstallationWrite(EXTENSION, null, null, secret, null, null));
    }

    /** An agent that has not enrolled. */
    ScriptedAgent stranger() {
        return new ScriptedAgent(this, MachineKeys.ec("secp256r1"));
    }

    ScriptedAgent stranger(KeyPair keys) {
        return new ScriptedAgent(this, keys);
    }

    /** An agent that has enrolled as this machine, and is not connected. */
    ScriptedAgent enrolled(String machine) throws Exception {
        Enrolment enrolment = enrolment(machine);
        ScriptedAgent agent = stranger();
        agent.connectWithToken(enrolment.token().reveal());
        agent.requestCertificate();
        agent.disconnect();
        agent.instanceUid(UUID.fromString(enrolment.machine().id()));
        return agent;
    }

    /** An agent that has enrolled, connected with its certificate and introduced itself. */
    ScriptedAgent connected(String machine) throws Exception {
        ScriptedAgent agent = enrolled(machine);
        agent.connectWithCertificate();
        agent.introduce();
        return agent;
    }

    @Override
    public void close() {
        gateway.stop();
    }
}
