package dev.vmext.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.fleet.Enrolment;
import dev.vmext.protocol.CapabilityLevel;
import dev.vmext.protocol.opamp.AgentToServer;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.ConnectionSettingsOffers;
import dev.vmext.protocol.opamp.CustomMessage;
import dev.vmext.protocol.opamp.OpampConnectionSettings;
import dev.vmext.protocol.opamp.ServerCapabilities;
import dev.vmext.protocol.opamp.ServerErrorType;
import dev.vmext.protocol.opamp.ServerToAgent;
import dev.vmext.server.ca.CertificateAuthority;
import dev.vmext.server.ca.ClientCertificate;
import dev.vmext.server.ca.MachineKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnrolmentIT {
    @TempDir
    Path home;

    private GatewayFixture plane;

    @BeforeEach
    void start() {
        plane = new GatewayFixture(home);
    }

    @AfterEach
    void stop() {
        plane.close();
    }

    @Test
    void agentLearnsWhichMachineItIs() throws Exception {
        Enrolment enrolment = plane.enrolment("web1");
        ScriptedAgent agent = plane.stranger();
        agent.connectWithToken(enrolment.token().reveal());

        ServerToAgent answer = agent.ask(agent.message().flags(AgentToServer.FLAG_REQUEST_INSTANCE_UID));

        assertThat(Objects.requireNonNull(answer.agentIdentification()).newInstanceUid())
                .isEqualTo(Bytes.ofUuid(UUID.fromString(enrolment.machine().id())));
        assertThat(answer.capabilities()).isEqualTo(ServerCapabilities.OURS);
        assertThat(Objects.requireNonNull(answer.customCapabilities()).capabilities())
                .contains(CapabilityLevel.announcement(), "vmext.keys/v1", "vmext.status/v1", "vmext.logs/v1");
    }

    @Test
    void offerIsACompleteBlockWithoutPrivateKey() throws Exception {
        Enrolment enrolment = plane.enrolment("web1");
        ScriptedAgent agent = plane.stranger();
        agent.connectWithToken(enrolment.token().reveal());

        ServerToAgent answer = agent.requestCertificate();

        OpampConnectionSettings offer = Objects.requireNonNull(
                Objects.requireNonNull(answer.connectionSettings()).opamp());
        assertThat(offer.destinationEndpoint()).isEqualTo("wss://localhost:" + plane.gateway.port() + "/v1/opamp");
        assertThat(offer.heartbeatIntervalSeconds()).isEqualTo(30);
        assertThat(Objects.requireNonNull(offer.certificate()).privateKey().isEmpty())
                .isTrue();
        assertThat(offer.certificate().caCert().utf8()).isEqualTo(plane.authority.certificatePem());
        assertThat(ClientCertificate.read(agent.certificate()).orElseThrow().machine())
                .hasToString(enrolment.machine().id());
    }

    @Test
    void machineIsOnlineOnceItConnectsWithItsCertificate() throws Exception {
        plane.connected("web1");

        assertThat(plane.fleet.getMachine("default", "web1").state()).isEqualTo("online");
    }

    @Test
    void factsAreKnownFromTheFirstMessageOn() throws Exception {
        plane.connected("web1");

        assertThat(plane.fleet.getMachine("default", "web1").facts()).containsEntry("distro", "debian");
    }

    @Test
    void lostAnswerIsRepeatedForTheSameKey() throws Exception {
        Enrolment enrolment = plane.enrolment("web1");
        ScriptedAgent agent = plane.stranger();
        agent.connectWithToken(enrolment.token().reveal());
        agent.send(agent.certificateRequest(MachineKeys.request(agent.keys(), "CN=x")));
        agent.close();

        agent.connectWithToken(enrolment.token().reveal());
        agent.requestCertificate();

        assertThat(ClientCertificate.read(agent.certificate()).orElseThrow().machine())
                .hasToString(enrolment.machine().id());
    }

    @Test
    void tokenIsNotGoodForAnotherKey() throws Exception {
        Enrolment enrolment = plane.enrolment("web1");
        ScriptedAgent first = plane.stranger();
        first.connectWithToken(enrolment.token().reveal());
        first.requestCertificate();
        ScriptedAgent second = plane.stranger();
        second.connectWithToken(enrolment.token().reveal());

        ServerToAgent answer = second.requestCertificate();

        assertThat(Objects.requireNonNull(answer.errorResponse()).errorMessage())
                .startsWith("token-used: ");
        assertThat(answer.connectionSettings()).isNull();
    }

    @Test
    void tokenIsBurntWhenTheCertificateWasUsed() throws Exception {
        Enrolment enrolment = plane.enrolment("web1");
        ScriptedAgent agent = plane.stranger();
        agent.connectWithToken(enrolment.token().reveal());
        agent.requestCertificate();
        agent.connectWithCertificate();
        agent.introduce();

        assertThat(ScriptedAgent.refusal(() ->
                        plane.stranger().connectWithToken(enrolment.token().reveal())))
                .isEqualTo("401 token-used");
    }

    @Test
    void expiredTokenIsRefusedWithItsOwnCode() throws Exception {
        Enrolment enrolment = plane.enrolment("web1");
        plane.clock.advance(Duration.ofHours(2));

        assertThat(ScriptedAgent.refusal(() ->
                        plane.stranger().connectWithToken(enrolment.token().reveal())))
                .isEqualTo("401 token-expired");
    }

    @Test
    void unknownTokenIsRefusedWithItsOwnCode() throws Exception {
        assertThat(ScriptedAgent.refusal(() -> plane.stranger().connectWithToken("made-up")))
                .isEqualTo("401 token-invalid");
    }

    @Test
    void nobodyGetsInWithNothing() throws Exception {
        assertThat(ScriptedAgent.refusal(() -> plane.stranger().connectWithNothing()))
                .isEqualTo("401 not-signed-in");
    }

    @Test
    void certificateOfAnotherAuthorityDoesNotConnect() throws Exception {
        CertificateAuthority other = CertificateAuthority.open(home.resolve("other"), plane.clock, new SecureRandom());
        ScriptedAgent agent = plane.enrolled("web1");
        agent.certificate(other.issue(agent.uid().uuid(), MachineKeys.request(agent.keys(), "CN=x"))
                .x509());

        assertThat(ScriptedAgent.refusal(agent::connectWithCertificate)).isEqualTo("no connection");
    }

    @Test
    void certificateThatNobodyRememberedIsRefused() throws Exception {
        ScriptedAgent agent = plane.enrolled("web1");
        agent.certificate(plane.authority
                .issue(agent.uid().uuid(), MachineKeys.request(agent.keys(), "CN=x"))
                .x509());

        assertThat(ScriptedAgent.refusal(agent::connectWithCertificate)).isEqualTo("401 certificate-refused");
    }

    @Test
    void machineThatIsBeingDeletedIsRefusedAndDisconnected() throws Exception {
        ScriptedAgent agent = plane.connected("web1");
        agent.takeGoal(0);

        plane.fleet.deleteMachine(GatewayFixture.ADMIN, "default", "web1");

        assertThat(agent.closeCode()).isEqualTo(LinkTransport.POLICY);
        assertThat(ScriptedAgent.refusal(agent::connectWithCertificate)).isEqualTo("401 certificate-refused");
    }

    @Test
    void expiredCertificateMayOnlyBeRenewed() throws Exception {
        ScriptedAgent agent = plane.connected("web1");
        agent.disconnect();
        plane.clock.advance(Duration.ofDays(399));
        agent.connectWithCertificate();

        ServerToAgent refused = agent.ask(
                agent.message().customMessage(new CustomMessage("vmext.keys/v1", "publish", Bytes.ofUtf8("{}"))));
        assertThat(Objects.requireNonNull(refused.errorResponse()).errorMessage())
                .startsWith("access-denied: ");
        assertThat(agent.get("/v1/packages/sha256/" + "0".repeat(64)).statusCode())
                .isEqualTo(401);
        agent.requestCertificate();
        agent.connectWithCertificate();
        agent.introduce();

        assertThat(plane.sessions.online(agent.uid().uuid().toString())).isTrue();
    }

    @Test
    void certificateThatExpiredLongAgoIsRefused() throws Exception {
        ScriptedAgent agent = plane.enrolled("web1");
        plane.clock.advance(Duration.ofDays(431));

        assertThat(ScriptedAgent.refusal(agent::connectWithCertificate)).isEqualTo("401 certificate-refused");
    }

    @Test
    void certificateIsRenewedOverItsOwnLink() throws Exception {
        ScriptedAgent agent = plane.connected("web1");
        plane.clock.advance(Duration.ofDays(20));
        var before = agent.certificate();
        agent.send(agent.certificateRequest(MachineKeys.request(agent.keys(), "CN=x")));

        ConnectionSettingsOffers offer = agent.next(ServerToAgent::connectionSettings);

        assertThat(ScriptedAgent.offered(offer).cert().utf8())
                .doesNotContain(ClientCertificate.read(before).orElseThrow().pem());
    }

    @Test
    void unusableRequestIsRefusedWithoutBurningTheToken() throws Exception {
        Enrolment enrolment = plane.enrolment("web1");
        ScriptedAgent agent = plane.stranger();
        agent.connectWithToken(enrolment.token().reveal());

        ServerToAgent refused = agent.ask(agent.certificateRequest(MachineKeys.request(MachineKeys.rsa(), "CN=x")));
        ServerToAgent answer = agent.requestCertificate();

        assertThat(Objects.requireNonNull(refused.errorResponse()).type()).isEqualTo(ServerErrorType.BAD_REQUEST);
        assertThat(refused.errorResponse().errorMessage()).startsWith("certificate-request-invalid: ");
        assertThat(answer.connectionSettings()).isNotNull();
    }

    @Test
    void newerLinkOfAMachineReplacesTheOlder() throws Exception {
        ScriptedAgent agent = plane.connected("web1");
        ScriptedAgent clone = plane.stranger(agent.keys());
        clone.instanceUid(agent.uid().uuid());
        clone.certificate(agent.certificate());

        clone.connectWithCertificate();
        clone.ask(clone.introduction(Map.of("os", "linux", "machineId", "another")));

        assertThat(agent.closeCode()).isEqualTo(LinkTransport.REPLACED);
        assertThat(plane.sessions.count()).isEqualTo(1);
    }

    @Test
    void bytesThatAreNoMessageAreAnsweredAndCounted() throws Exception {
        ScriptedAgent agent = plane.connected("web1");
        agent.takeGoal(0);

        for (int i = 0; i < 10; i++) {
            agent.sendBytes(new byte[] {0, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF});
            assertThat(agent.next(ServerToAgent::errorResponse).type()).isEqualTo(ServerErrorType.BAD_REQUEST);
        }

        assertThat(agent.closeCode()).isEqualTo(LinkTransport.POLICY);
    }

    @Test
    void pingIsAnswered() throws Exception {
        ScriptedAgent agent = plane.connected("web1");

        assertThat(agent.ping("are you there")).isEqualTo("are you there");
    }

    @Test
    void textIsNotSpokenHere() throws Exception {
        ScriptedAgent agent = plane.connected("web1");

        agent.sendText("hello");

        assertThat(agent.closeCode()).isEqualTo(1003);
    }

    @Test
    void messageBeyondTheLimitEndsTheLink() throws Exception {
        ScriptedAgent agent = plane.connected("web1");

        agent.sendBytes(new byte[(4 << 20) + 100]);

        assertThat(agent.closeCode()).isEqualTo(1009);
    }

    @Test
    void lostMessageMakesTheGatewayAskForEverything() throws Exception {
        ScriptedAgent agent = plane.connected("web1");
        agent.takeGoal(0);
        ServerToAgent following = agent.next();
        agent.skipSequence();

        ServerToAgent answer = agent.ask(agent.message());

        assertThat(following.flags()).isZero();
        assertThat(answer.flags()).isEqualTo(ServerToAgent.FLAG_REPORT_FULL_STATE);
    }

    @Test
    void stoppingServerSaysGoodbye() throws Exception {
        ScriptedAgent agent = plane.connected("web1");

        plane.close();

        assertThat(agent.closeCode()).isEqualTo(LinkTransport.GOING_AWAY);
    }

    @Test
    void messageWithoutIdIsRefused() throws Exception {
        ScriptedAgent agent = plane.connected("web1");

        agent.send(AgentToServer.builder(Bytes.of("short".getBytes(StandardCharsets.UTF_8))));

        assertThat(agent.next(ServerToAgent::errorResponse).errorMessage()).startsWith("malformed-request: ");
    }
}
