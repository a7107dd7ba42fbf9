package dev.vmext.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.protocol.opamp.AgentToServer;
import dev.vmext.protocol.opamp.MessageLimits;
import dev.vmext.protocol.opamp.OpampCodec;
import dev.vmext.protocol.opamp.ServerToAgent;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is special about polling; what is not is in the tests that run over both. */
class PollingIT {
    private static final OpampCodec CODEC = new OpampCodec(MessageLimits.STANDARD);

    @TempDir
    Path home;

    private GatewayFixture plane;

    @BeforeEach
    void start() throws Exception {
        plane = new GatewayFixture(home);
        plane.polling = true;
        plane.publish();
    }

    @AfterEach
    void stop() {
        plane.close();
    }

    private static byte[] zipped(byte[] plain) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
            zip.write(plain);
        }
        return bytes.toByteArray();
    }

    private static byte[] encoded(AgentToServer.Builder message) {
        return CODEC.encode(message.build());
    }

    @Test
    void aMachineIsOnlineByItsLastPollAndOfflineWhenItIsSilent() throws Exception {
        ScriptedAgent agent = plane.connected("web1");
        assertThat(plane.state("web1")).isEqualTo("online");
        plane.clock.advance(Duration.ofSeconds(74));
        agent.ask(agent.message());
        plane.clock.advance(Duration.ofSeconds(74));
        assertThat(plane.state("web1")).isEqualTo("online");
        plane.clock.advance(Duration.ofSeconds(2));
        plane.awaitState("web1", "offline");
        agent.ask(agent.message());
        assertThat(plane.state("web1")).isEqualTo("online");
    }

    @Test
    void aGoodbyeEndsTheLinkAtOnce() throws Exception {
        ScriptedAgent agent = plane.connected("web1");
        agent.disconnect();
        assertThat(plane.state("web1")).isEqualTo("offline");
    }

    @Test
    void aLostAnswerIsSaidAgainWhenTheAgentBeginsAnew() throws Exception {
        ScriptedAgent agent = plane.connected("web1");
        agent.takeGoal(0);
        plane.install("web1", "site", Map.of("n", 1));
        // Sent into the void: the agent never reads these answers.
        agent.post(encoded(agent.message()));
        agent.post(encoded(agent.message()));
        agent.send(agent.introduction(Map.of("os", "linux", "arch", "amd64")));
        assertThat(agent.takeGoal(1).installations()).hasSize(1);
    }

    @Test
    void zipsBothWays() throws Exception {
        ScriptedAgent agent = plane.connected("web1");
        agent.takeGoal(0);
        plane.install("web1", "site", Map.of("n", 1));
        for (int i = 0; i < 500; i++) {
            HttpResponse<byte[]> response =
                    agent.post(zipped(encoded(agent.message())), "Content-Encoding", "gzip", "Accept-Encoding", "gzip");
            assertThat(response.statusCode()).isEqualTo(200);
            if (response.headers().firstValue("Content-Encoding").isPresent()) {
                byte[] plain = new GZIPInputStream(new ByteArrayInputStream(response.body())).readAllBytes();
                assertThat(CODEC.decodeServerToAgent(plain).remoteConfig()).isNotNull();
                return;
            }
        }
        throw new AssertionError("no goal came, or it was not zipped");
    }

    @Test
    void refusesWhatIsTooLargeAlsoWhenItIsSmallOnTheWay() throws Exception {
        ScriptedAgent agent = plane.connected("web1");
        byte[] large = new byte[MessageLimits.STANDARD.maxMessageBytes() + 1];
        assertThat(agent.post(large).statusCode()).isEqualTo(413);
        assertThat(agent.post(zipped(large), "Content-Encoding", "gzip").statusCode())
                .isEqualTo(413);
        assertThat(agent.post(zipped(large), "Content-Encoding", "br").statusCode())
                .isEqualTo(400);
        agent.ask(agent.message());
    }

    @Test
    void answersBytesThatAreNoMessageWithAnError() throws Exception {
        ScriptedAgent agent = plane.connected("web1");
        ServerToAgent answer = CODEC.decodeServerToAgent(
                agent.post(new byte[] {(byte) 0xff, 1, 2}).body());
        assertThat(Objects.requireNonNull(answer.errorResponse()).errorMessage())
                .contains("malformed-request");
    }

    @Test
    void letsNobodyInWithoutProof() throws Exception {
        ScriptedAgent agent = plane.stranger();
        agent.connectWithNothing();
        HttpResponse<byte[]> refused = agent.post(encoded(agent.message()));
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().firstValue(GatewayHandler.PROBLEM_HEADER)).contains("not-signed-in");
    }

    @Test
    void aWebSocketOfTheSameMachineTakesOver() throws Exception {
        ScriptedAgent agent = plane.connected("web1");
        plane.polling = false;
        agent.connectWithCertificate();
        agent.introduce();
        assertThat(plane.sessions.count()).isEqualTo(1);
        assertThat(plane.state("web1")).isEqualTo("online");
    }
}
