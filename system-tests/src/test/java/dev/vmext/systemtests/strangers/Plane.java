package dev.vmext.systemtests.strangers;

import dev.vmext.fleet.Actor;
import dev.vmext.fleet.Enrolment;
import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.FleetStore;
import dev.vmext.fleet.MachineCertificate;
import dev.vmext.fleet.Publication;
import dev.vmext.fleet.testing.CountingIds;
import dev.vmext.fleet.testing.FakeSealer;
import dev.vmext.fleet.testing.FakeSettingsValidator;
import dev.vmext.fleet.testing.InMemoryFleetStore;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.api.EnrolmentCreate;
import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.server.blob.testing.InMemoryBlobStore;
import dev.vmext.server.ca.CertificateAuthority;
import dev.vmext.server.ca.ClientCertificate;
import dev.vmext.server.ca.GatewayCertificate;
import dev.vmext.server.ca.Pem;
import dev.vmext.server.command.CommandOutputs;
import dev.vmext.server.gateway.AgentGateway;
import dev.vmext.server.gateway.AgentSessions;
import dev.vmext.server.gateway.GatewayLimits;
import dev.vmext.server.gateway.GatewaySettings;
import dev.vmext.server.metrics.MetricIntake;
import dev.vmext.server.metrics.MetricRetention;
import dev.vmext.server.metrics.Refusals;
import dev.vmext.server.metrics.testing.InMemoryMetricStore;
import dev.vmext.server.repository.RepositoryFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** A control plane whose gateway is real and listens on a free port of this host; what it stores stays in memory. */
final class Plane implements AutoCloseable {
    static final Actor ADMIN = Actor.user("admin");
    static final String PROJECT = "default";
    private static final String EXTENSION = "acme.Web";
    private static final String HANDLER = """
            [{"name": "x", "version": 1.0, "handlerManifest": {"installCommand": "i", "enableCommand": "e",
              "disableCommand": "d", "updateCommand": "u", "uninstallCommand": "n"}}]""";
    private static final String MANIFEST = """
            {"schemaVersion": 1, "name": "acme.Web", "version": "1.0", "displayName": "Web", "category": "management",
             "kind": "continuous", "instances": "many", "scripts": false,
             "settingsSchema": {"type": "object", "properties": {"n":{}}}}""";

    private final InstantSource clock = InstantSource.system();
    private final FleetStore store = new InMemoryFleetStore();
    private final AgentSessions sessions = new AgentSessions(clock);
    private final CertificateAuthority authority;
    final Fleet fleet;
    private final AgentGateway gateway;

    Plane(Path home) throws IOException {
        SecureRandom random = new SecureRandom();
        this.fleet =
                new Fleet(store, clock, new CountingIds(), new FakeSettingsValidator(), new FakeSealer(), sessions);
        Path ca = home.resolve("ca");
        this.authority = CertificateAuthority.open(ca, clock, random);
        this.gateway = new AgentGateway(
                new GatewaySettings("127.0.0.1", 0, Optional.empty(), Duration.ofSeconds(30), GatewayLimits.DEFAULTS),
                fleet,
                new InMemoryBlobStore(),
                authority,
                GatewayCertificate.open(ca, authority, Set.of("localhost", "127.0.0.1"), clock),
                sessions,
                new CommandOutputs(home.resolve("commands")),
                MetricIntake.of(
                        new InMemoryMetricStore(MetricRetention.DEFAULTS, clock),
                        MetricRetention.DEFAULTS,
                        new Refusals(),
                        clock),
                RepositoryFiles.inFolder(home.resolve("repositories"), 0, new CountingIds()::newId),
                clock,
                random);
        gateway.start();
        fleet.publish(
                ADMIN,
                new Publication(
                        EXTENSION,
                        "1.0",
                        HANDLER,
                        Optional.of(MANIFEST),
                        Digest.of(new byte[] {1}),
                        1,
                        "{\"signed\":1}",
                        "key"));
    }

    /** Declares a machine and makes a key and a certificate for it, as an operator would who has an agent without enrolment. */
    Stranger stranger(String machine) throws Exception {
        Enrolment enrolment =
                fleet.createEnrolment(ADMIN, PROJECT, new EnrolmentCreate(machine, null, null, null, null, null, null));
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair keys = generator.generateKeyPair();
        byte[] request = new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=stranger"), keys.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
                .getEncoded();
        String id = enrolment.machine().id();
        ClientCertificate issued = authority.issue(
                UUID.fromString(id), Pem.write("CERTIFICATE REQUEST", request).getBytes(StandardCharsets.US_ASCII));
        fleet.certificateIssued(new MachineCertificate(
                issued.serial(), id, issued.keyDigest().text(), issued.notBefore(), issued.notAfter(), false));
        return new Stranger(enrolment, keys, issued.x509(), authority.certificate());
    }

    InstallationView install(String machine, String name, int n) {
        return fleet.putInstallation(
                ADMIN,
                PROJECT,
                machine,
                name,
                new InstallationWrite(EXTENSION, null, Map.of("n", n), null, null, null));
    }

    MachineView machine(String name) {
        return fleet.getMachine(PROJECT, name);
    }

    /** The newest goal that may have left for the machine; 0 for none. */
    long offered(Stranger stranger) {
        return store.read(
                view -> view.findMachine(stranger.id()).orElseThrow().goal().offered());
    }

    String webSocketUrl() {
        return "wss://localhost:" + gateway.port() + "/v1/opamp";
    }

    String httpUrl() {
        return "https://localhost:" + gateway.port() + "/v1/opamp";
    }

    @Override
    public void close() {
        gateway.stop();
    }
}
