package dev.vmext.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.seal.Pem;
import dev.vmext.agent.train.EnrollingScript;
import dev.vmext.agent.train.LoopbackAuthority;
import dev.vmext.agent.train.LoopbackGateway;
import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.GoalStateCodec;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.opamp.AgentToServer;
import dev.vmext.protocol.opamp.ApplyState;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.ConnectionSettingsStatus;
import dev.vmext.protocol.opamp.CustomMessage;
import dev.vmext.protocol.opamp.PackageState;
import dev.vmext.protocol.opamp.PackageStatuses;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.protocol.status.StatusReportCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The link over real TLS and WebSockets, against a control plane on the loopback address. */
class ServerLinkIT {
    private static final UUID MACHINE = UUID.fromString("11111111-2222-3333-4444-555555555555");

    @TempDir
    Path identity;

    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final List<String> seen = new ArrayList<>();
    private LoopbackAuthority authority;
    private EnrollingScript script;
    private Gateway gateway;
    private Optional<String> token = Optional.of(EnrollingScript.TOKEN);
    private @Nullable ServerLink link;
    private @Nullable Thread thread;

    @BeforeEach
    void start() throws Exception {
        authority = new LoopbackAuthority(Instant.now(), new SecureRandom());
        script = new EnrollingScript(authority, MACHINE, new GoalState(3, List.of(), Map.of()), 1);
        gateway = open(authority, script);
    }

    @AfterEach
    void end() throws Exception {
        stop();
        gateway.close();
    }

    /** Where the control plane listens. */
    interface Gateway extends AutoCloseable {
        String address();

        @Override
        void close() throws IOException;
    }

    /** With WebSockets; the same tests are run on polling. */
    Gateway open(LoopbackAuthority authority, EnrollingScript script) throws Exception {
        LoopbackGateway opened = new LoopbackGateway(authority, script);
        return new Gateway() {
            @Override
            public String address() {
                return opened.address();
            }

            @Override
            public void close() throws IOException {
                opened.close();
            }
        };
    }

    private ServerLink connect(Digest trusted) throws Exception {
        RandomGenerator fair = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
        // Lucky: random waits are among their shortest sixteenth.
        RandomGenerator luck = () -> fair.nextLong() >>> 4;
        ServerLink made = new ServerLink(
                List.of(gateway.address()),
                trusted,
                identity,
                identity.resolve("handlers"),
                new Noted(),
                new Machine(),
                new ServerLink.World(InstantSource.system(), Thread::sleep, luck, 1));
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

    private ServerLink connect() throws Exception {
        return connect(Digest.of(authority.certificate().getEncoded()));
    }

    private void stop() throws InterruptedException {
        ServerLink running = link;
        Thread worker = thread;
        if (running != null && worker != null) {
            running.stop();
            worker.join();
            link = null;
        }
    }

    private void await(String event) throws InterruptedException {
        for (String next = ""; !next.equals(event); ) {
            next = events.poll(30, TimeUnit.SECONDS);
            assertThat(next).as("waiting for %s", event).isNotNull();
        }
    }

    /** Until something happens, or for a moment. */
    private void pause() throws InterruptedException {
        String event = events.poll(20, TimeUnit.MILLISECONDS);
        if (event != null) {
            seen.add(event);
        }
    }

    private AgentToServer heard(Predicate<AgentToServer> expected) throws InterruptedException {
        for (int i = 0; i < 1500; i++) {
            Optional<AgentToServer> found =
                    script.heard().stream().filter(expected).findFirst();
            if (found.isPresent()) {
                return found.get();
            }
            pause();
        }
        throw new AssertionError("never heard; heard " + script.heard());
    }

    @Test
    void enrolsAndTakesTheGoal() throws Exception {
        connect();
        await("goal");
        await("enrolled");
        assertThat(Files.exists(identity.resolve("current.pem"))).isTrue();
        assertThat(identity.resolve("candidate.pem")).doesNotExist();
        assertThat(heard(message -> applied(message)).instanceUid()).isEqualTo(Bytes.ofUuid(MACHINE));
    }

    @Test
    void tellsHandlersTheWayToTheGatewayAndCorrectsItWhenItConnectsAgain() throws Exception {
        Path config = identity.resolve("handlers/backup/sample.Backup-1.0.0/config");
        Files.createDirectories(config);
        ServerLink connected = connect();
        await("connected");
        connected.access().write(config, "backup");
        Path file = config.resolve("gateway.json");
        String told = Files.readString(file);
        assertThat(told)
                .contains("\"v\":1", "\"url\":\"https://" + gateway.address() + "\"", "\"installation\":\"backup\"")
                .contains("\"machine\":\"" + MACHINE + "\"");
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        byte[] client = Files.readAllBytes(identity.resolve("client.pem"));
        assertThat(Identity.ofPem(client).certificate())
                .isEqualTo(Identity.ofPem(Files.readAllBytes(identity.resolve("current.pem")))
                        .certificate());
        assertThat(Pem.read("CERTIFICATE", Files.readAllBytes(identity.resolve("gateway-ca.pem"))))
                .isEqualTo(authority.certificate().getEncoded());
        stop();
        Files.writeString(file, told.replace(gateway.address(), "gone.example:1"));
        Files.writeString(identity.resolve("client.pem"), "of a certificate before");
        events.clear();
        connect();
        await("connected");
        assertThat(Files.readString(file)).isEqualTo(told);
        assertThat(Files.readAllBytes(identity.resolve("client.pem"))).isEqualTo(client);
    }

    private static boolean applied(AgentToServer message) {
        ConnectionSettingsStatus status = message.connectionSettingsStatus();
        return status != null && status.status() == ApplyState.APPLIED;
    }

    @Test
    void comesBackWithItsCertificateAlone() throws Exception {
        connect();
        await("enrolled");
        stop();
        token = Optional.empty();
        events.clear();
        connect();
        await("connected");
    }

    @Test
    void saysWhyATokenIsRefused() throws Exception {
        token = Optional.of("another");
        ServerLink refused = connect();
        while (!refused.describe().contains("the token is not known")) {
            pause();
        }
        assertThat(script.heard()).isEmpty();
    }

    @Test
    void speaksToNobodyButTheAuthorityItWasEnrolledWith() throws Exception {
        ServerLink other = connect(Digest.of(new byte[] {1}));
        while (!other.describe().contains("another control plane")) {
            pause();
        }
        assertThat(script.heard()).isEmpty();
    }

    @Test
    void sendsTheLatestStatusUntilItIsAcknowledgedAndNotAgain() throws Exception {
        ServerLink connected = connect();
        await("connected");
        connected.report(status(InstallationState.INSTALLING, 1));
        connected.report(status(InstallationState.READY, 2));
        heard(message -> reports(message, "ready"));
        stop();
        long before =
                script.heard().stream().filter(one -> reports(one, "ready")).count();
        assertThat(before).isEqualTo(1);
    }

    /** The control plane of this test announces no level, as the first one did. */
    @Test
    void sendsAnOldControlPlaneOnlyWordsThatItKnows() throws Exception {
        ServerLink connected = connect();
        await("connected");
        Instant at = Instant.parse("2026-01-01T00:00:03Z");
        connected.report(new InstallationStatus(
                "fw",
                "acme.Fw",
                "1.0",
                InstallationState.FAILED,
                3,
                0,
                false,
                new Cause(CauseClass.CANCELLED, "install", "stopped", "", Map.of()),
                null,
                "",
                null,
                1,
                at,
                at));
        AgentToServer heard = heard(message -> reports(message, "failed"));
        InstallationStatus told = StatusReportCodec.decode(
                Objects.requireNonNull(heard.customMessage()).data().toArray());
        assertThat(Objects.requireNonNull(told.cause()).kind()).isEqualTo(CauseClass.AGENT);
    }

    @Test
    void tellsHowFarItIsWithEachPackage() throws Exception {
        Digest digest = Digest.of(new byte[] {1});
        GoalOffer offer = GoalStateCodec.encode(new GoalState(
                3,
                List.of(),
                Map.of(
                        "acme.Fw",
                        new PackageOffer("acme.Fw", "1.0", digest, 1, "/v1/packages/sha256/" + digest.hex(), "{}"))));
        ServerLink connected = connect();
        await("connected");
        connected.goalStatus(offer, ApplyState.APPLYING, "");
        connected.report(status(InstallationState.INSTALLING, 1));
        PackageStatuses told = Objects.requireNonNull(heard(message -> message.packageStatuses() != null
                        && message.packageStatuses().packages().containsKey("acme.Fw"))
                .packageStatuses());
        assertThat(told.serverProvidedAllPackagesHash())
                .isEqualTo(offer.packagesAvailable().allPackagesHash());
        assertThat(Objects.requireNonNull(told.packages().get("acme.Fw")).status())
                .isEqualTo(PackageState.INSTALLED);
        connected.report(status(InstallationState.ENABLING, 2));
        heard(message -> reports(message, "enabling"));
        stop();
        assertThat(script.heard())
                .as("an unchanged table is not sent again")
                .filteredOn(message -> message.packageStatuses() != null
                        && !message.packageStatuses().packages().isEmpty())
                .hasSize(1);
    }

    private static boolean reports(AgentToServer message, String state) {
        CustomMessage custom = message.customMessage();
        return custom != null
                && custom.type().equals(CustomCapability.STATUS_REPORT)
                && custom.data().utf8().contains("\"" + state + "\"");
    }

    private static InstallationStatus status(InstallationState state, int second) {
        Instant at = Instant.parse("2026-01-01T00:00:00Z").plusSeconds(second);
        return new InstallationStatus("fw", "acme.Fw", "1.0", state, 3, 0, false, null, null, "", null, 1, at, at);
    }

    @Test
    void sendsHeartbeats() throws Exception {
        connect();
        await("connected");
        heard(message -> message.agentDescription() == null
                && message.customMessage() == null
                && message.remoteConfigStatus() == null
                && message.agentDisconnect() == null
                && message.instanceUid().equals(Bytes.ofUuid(MACHINE)));
    }

    @Test
    void saysGoodbye() throws Exception {
        connect();
        await("connected");
        stop();
        heard(message -> message.agentDisconnect() != null && message.connectionSettingsStatus() == null);
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
