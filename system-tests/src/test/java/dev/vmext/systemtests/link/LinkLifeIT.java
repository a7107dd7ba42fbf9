package dev.vmext.systemtests.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.link.LinkListener;
import dev.vmext.agent.link.LinkSources;
import dev.vmext.agent.link.ServerLink;
import dev.vmext.fleet.Actor;
import dev.vmext.fleet.Enrolment;
import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.testing.CountingIds;
import dev.vmext.fleet.testing.FakeSealer;
import dev.vmext.fleet.testing.FakeSettingsValidator;
import dev.vmext.fleet.testing.InMemoryFleetStore;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.api.EnrolmentCreate;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.server.blob.testing.InMemoryBlobStore;
import dev.vmext.server.ca.CertificateAuthority;
import dev.vmext.server.ca.GatewayCertificate;
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
import dev.vmext.testkit.ManualClock;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates that end, clocks that are wrong, tokens that come anew. */
class LinkLifeIT {
    private static final Actor ADMIN = Actor.user("admin");

    @TempDir
    Path temp;

    private final ManualClock serverClock = ManualClock.atNewYear();
    private final ManualClock agentClock = ManualClock.atNewYear();
    private final AgentSessions sessions = new AgentSessions(serverClock);
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private Optional<String> token = Optional.empty();
    private Fleet fleet;
    private CertificateAuthority authority;
    private AgentGateway gateway;
    private String machineId = "";
    private @Nullable ServerLink link;
    private @Nullable Thread thread;

    @BeforeEach
    void start() throws Exception {
        SecureRandom random = new SecureRandom();
        fleet = new Fleet(
                new InMemoryFleetStore(),
                serverClock,
                new CountingIds(),
                new FakeSettingsValidator(),
                new FakeSealer(),
                sessions);
        Path ca = temp.resolve("ca");
        authority = CertificateAuthority.open(ca, serverClock, random);
        gateway = new AgentGateway(
                new GatewaySettings("127.0.0.1", 0, Optional.empty(), Duration.ofSeconds(30), GatewayLimits.DEFAULTS),
                fleet,
                new InMemoryBlobStore(),
                authority,
                GatewayCertificate.open(ca, authority, Set.of("localhost", "127.0.0.1"), serverClock),
                sessions,
                new CommandOutputs(temp.resolve("commands")),
                MetricIntake.of(
                        new InMemoryMetricStore(MetricRetention.DEFAULTS, serverClock),
                        MetricRetention.DEFAULTS,
                        new Refusals(),
                        serverClock),
                RepositoryFiles.inFolder(temp.resolve("repositories"), 0, new CountingIds()::newId),
                serverClock,
                random);
        gateway.start();
        Enrolment enrolment = fleet.createEnrolment(
                ADMIN, "default", new EnrolmentCreate("web1", null, null, null, null, null, null));
        machineId = enrolment.machine().id();
        token = Optional.of(enrolment.token().reveal());
    }

    @AfterEach
    void stop() throws Exception {
        disconnect();
        gateway.stop();
    }

    private ServerLink connect() throws Exception {
        ServerLink made = new ServerLink(
                List.of("localhost:" + gateway.port()),
                Digest.of(authority.certificate().getEncoded()),
                temp.resolve("identity"),
                temp.resolve("handlers"),
                new Noted(),
                new Machine(),
                new ServerLink.World(
                        agentClock,
                        Thread::sleep,
                        RandomGeneratorFactory.of("L64X128MixRandom").create(3),
                        1));
        link = made;
        thread = Thread.ofVirtual().start(() -> {
            try {
                made.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return made;
    }

    private void disconnect() throws InterruptedException {
        ServerLink running = link;
        Thread worker = thread;
        if (running != null && worker != null) {
            running.stop();
            worker.join();
            link = null;
        }
        events.clear();
    }

    private void await(String event) throws InterruptedException {
        for (String next = ""; !next.equals(event); ) {
            next = events.poll(60, TimeUnit.SECONDS);
            assertThat(next).as("waiting for %s", event).isNotNull();
        }
    }

    private void enrol() throws Exception {
        connect();
        await("enrolled");
        await("connected");
    }

    private void bothClocks(Duration by) {
        serverClock.advance(by);
        agentClock.advance(by);
    }

    private X509Certificate certificate() throws Exception {
        String pem = Files.readString(temp.resolve("identity/current.pem"), StandardCharsets.US_ASCII);
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(
                        pem.substring(pem.indexOf("-----BEGIN CERTIFICATE")).getBytes(StandardCharsets.US_ASCII)));
    }

    /** Until the certificate is another one; every connection is an event. */
    private void awaitRenewal(X509Certificate before) throws Exception {
        while (certificate().getSerialNumber().equals(before.getSerialNumber())) {
            assertThat(events.poll(60, TimeUnit.SECONDS))
                    .as("still %s", before.getNotAfter())
                    .isNotNull();
        }
    }

    private MachineView machine() {
        return fleet.getMachine("default", "web1");
    }

    @Test
    void aMachineThatWasOffForSixtyDaysComesBackByItself() throws Exception {
        enrol();
        X509Certificate before = certificate();
        disconnect();
        bothClocks(Duration.ofDays(90));
        assertThat(serverClock.instant())
                .isAfter(before.getNotAfter().toInstant().plus(Duration.ofDays(59)));
        connect();
        awaitRenewal(before);
        assertThat(certificate().getNotAfter().toInstant()).isAfter(serverClock.instant());
        assertThat(machine().state()).isEqualTo("online");
    }

    @Test
    void afterMoreThanFourHundredDaysItMustEnrolAnewAndSaysSo() throws Exception {
        enrol();
        disconnect();
        bothClocks(Duration.ofDays(30 + 401));
        ServerLink refused = connect();
        while (!refused.describe().contains("enrol the machine again")) {
            Thread.onSpinWait();
        }
        disconnect();
        assertThat(machine().state()).isEqualTo("offline");
        token = Optional.of(
                fleet.issueToken(ADMIN, machineId, Duration.ofHours(1)).token().reveal());
        enrol();
        assertThat(machine().state()).isEqualTo("online");
    }

    @Test
    void aCertificateIsRenewedAtTwoThirdsOfItsLifeAndNotBefore() throws Exception {
        enrol();
        X509Certificate before = certificate();
        disconnect();
        bothClocks(Duration.ofDays(19));
        connect();
        await("connected");
        disconnect();
        assertThat(certificate().getSerialNumber()).isEqualTo(before.getSerialNumber());
        bothClocks(Duration.ofDays(2));
        connect();
        awaitRenewal(before);
    }

    @Test
    void aClockThatIsAYearBehindStillConnectsTellsItAndRenews() throws Exception {
        agentClock.set(serverClock.instant().minus(Duration.ofDays(365)));
        enrol();
        awaitFact("-" + Duration.ofDays(365).toSeconds());
        X509Certificate before = certificate();
        disconnect();
        bothClocks(Duration.ofDays(25));
        connect();
        awaitRenewal(before);
    }

    @Test
    void aClockThatIsThreeYearsAheadStillConnectsAndTellsIt() throws Exception {
        agentClock.set(serverClock.instant().plus(Duration.ofDays(1100)));
        enrol();
        awaitFact(Long.toString(Duration.ofDays(1100).toSeconds()));
        X509Certificate first = certificate();
        disconnect();
        connect();
        await("connected");
        assertThat(certificate().getSerialNumber())
                .as("a wrong clock does not make it ask again and again")
                .isEqualTo(first.getSerialNumber());
    }

    private void awaitFact(String seconds) throws InterruptedException {
        BlockingQueue<String> facts = new LinkedBlockingQueue<>();
        fleet.onCommit((machines, changes) -> facts.add("changed"));
        while (!seconds.equals(machine().facts().get("clockSkewSeconds"))) {
            assertThat(facts.poll(60, TimeUnit.SECONDS))
                    .as("facts %s", machine().facts())
                    .isNotNull();
        }
    }

    @Test
    void aNewTokenBesideAnIdentityEnrolsAnew() throws Exception {
        enrol();
        X509Certificate before = certificate();
        disconnect();
        token = Optional.of(
                fleet.issueToken(ADMIN, machineId, Duration.ofHours(1)).token().reveal());
        enrol();
        assertThat(certificate().getPublicKey()).isNotEqualTo(before.getPublicKey());
        assertThat(certificate().getSubjectAlternativeNames().toString()).contains(machineId);
    }

    @Test
    void aTokenThatIsRefusedDoesNotCostTheIdentityThatWorks() throws Exception {
        enrol();
        disconnect();
        token = Optional.of("no-such-token");
        connect();
        await("connected");
        assertThat(machine().state()).isEqualTo("online");
    }

    @Test
    void aCandidateCertificateThatIsRefusedGivesWayToTheOneBefore() throws Exception {
        enrol();
        X509Certificate before = certificate();
        disconnect();
        // One of another control plane: well-formed, and worth nothing here.
        Path other = temp.resolve("other");
        CertificateAuthority stranger = CertificateAuthority.open(other, serverClock, new SecureRandom());
        String current = Files.readString(temp.resolve("identity/current.pem"));
        Files.writeString(
                temp.resolve("identity/candidate.pem"),
                current.substring(0, current.indexOf("-----BEGIN CERTIFICATE"))
                        + Forged.certificate(stranger, machineId));
        connect();
        await("connected");
        assertThat(temp.resolve("identity/candidate.pem")).doesNotExist();
        assertThat(certificate().getSerialNumber()).isEqualTo(before.getSerialNumber());
    }

    private final class Noted implements LinkListener {
        @Override
        public void connected() {
            events.add("connected");
        }

        @Override
        public void goal(GoalOffer offer) {
            events.add("goal");
        }

        @Override
        public void statusesWanted() {
            events.add("statuses");
        }
    }

    private final class Machine implements LinkSources {
        @Override
        public Map<String, String> facts() {
            return Map.of("os", "linux");
        }

        @Override
        public Optional<String> token() {
            return token;
        }

        @Override
        public void enrolled() {
            token = Optional.empty();
            events.add("enrolled");
        }

        @Override
        public LogTail log(int bytes) {
            return new LogTail("", false);
        }
    }
}
