package dev.vmext.systemtests.strangers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.protocol.opamp.ServerCapabilities;
import dev.vmext.systemtests.product.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Elastic's client for Node, which polls over HTTP with a client certificate, before our gateway. */
@SuppressWarnings("try") // close waits for a process, which a test may interrupt
class NodeOpampClientIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path home;

    private Plane plane;
    private Stranger stranger;
    private Path pems;

    @BeforeEach
    void start() throws Exception {
        plane = new Plane(home);
        stranger = plane.stranger("db7");
        pems = home.resolve("stranger");
        stranger.write(pems);
    }

    @AfterEach
    void stop() {
        plane.close();
    }

    private NodeProgram client() throws Exception {
        return new NodeProgram("client.mjs", plane.httpUrl(), pems.toString());
    }

    private String uid() {
        return stranger.id().replace("-", "");
    }

    @Test
    void isStoredAndShownAndTakesTheIdThatItIsGiven() throws Exception {
        try (NodeProgram client = client()) {
            JsonNode first = client.await("an answer", line -> line.has("heard"));
            assertThat(first.at("/heard/agentIdentification/newInstanceUid").asText())
                    .isEqualTo(uid());
            assertThat(first.at("/heard/capabilities").asLong()).isEqualTo(ServerCapabilities.OURS);
            client.await(
                    "a heartbeat under its new id",
                    line -> line.at("/sent/instanceUid").asText().equals(uid())
                            && line.path("sent").path("agentDescription").isMissingNode());

            Eventually.until("online", SOON, () -> plane.machine("db7").state(), "online"::equals);
            assertThat(plane.machine("db7").facts())
                    .containsEntry("service.name", "edot-node")
                    .containsEntry("agentVersion", "1.2.3")
                    .containsEntry("hostname", "db7")
                    .containsEntry("os", "linux");
            assertThat(client.said()).noneMatch(line -> line.has("failed"));
        }
    }

    /** It would take one: it says so in every message. */
    @Test
    void getsNoGoal() throws Exception {
        plane.install("db7", "web", 1);
        try (NodeProgram client = client()) {
            Eventually.until(
                    "ten answers",
                    SOON,
                    () -> client.said().stream()
                            .filter(line -> line.has("heard"))
                            .toList(),
                    answers -> answers.size() >= 10);
            List<JsonNode> said = client.said();
            assertThat(said).noneMatch(line -> line.has("config") || line.has("failed"));
            assertThat(said)
                    .allSatisfy(
                            line -> assertThat(line.at("/heard/remoteConfig").isMissingNode())
                                    .isTrue());
            assertThat(plane.offered(stranger)).isZero();
            assertThat(plane.fleet.getInstallation(Plane.PROJECT, "db7", "web").state())
                    .isEqualTo("waiting-machine");
        }
    }

    /** A server that was restarted does not know how far the client had counted, and asks for everything once. */
    @Test
    void tellsEverythingAgainWhenItIsAsked() throws Exception {
        try (NodeProgram client = client()) {
            JsonNode asked =
                    client.await("the flag", line -> (line.at("/heard/flags").asLong() & 1) == 1);
            long number = asked.at("/sent/sequenceNum").asLong();
            JsonNode whole = client.await(
                    "the full state",
                    line -> line.at("/sent/sequenceNum").asLong() > number
                            && line.path("sent").has("agentDescription"));
            assertThat(whole.at("/heard/flags").asLong() & 1).isZero();
        }
    }

    @Test
    void withoutCertificateItIsRefused() throws Exception {
        Files.delete(pems.resolve("key.pem"));
        Files.delete(pems.resolve("cert.pem"));
        try (NodeProgram client = client()) {
            JsonNode refused = client.await("a refusal", line -> line.has("failed"));
            assertThat(refused.path("failed").asText()).contains("401");
            assertThat(plane.machine("db7").state()).isEqualTo("expected");
        }
    }
}
