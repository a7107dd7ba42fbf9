package dev.vmext.systemtests.strangers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vmext.packageformat.testing.SamplePublisher;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.GoalStateCodec;
import dev.vmext.protocol.opamp.AgentCapabilities;
import dev.vmext.protocol.opamp.AgentConfigMap;
import dev.vmext.server.ca.Pem;
import dev.vmext.systemtests.trust.HostileGateway;
import dev.vmext.systemtests.trust.Victim;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Our agent, as a process, before Elastic's mock of an OpAMP server. The mock issues no certificates, so the machine is enrolled elsewhere, by the same
 * authority, and moved; the mock speaks no WebSocket, so the agent falls back to polling.
 */
@SuppressWarnings("try") // close waits for a process, which a test may interrupt
class MockOpampServerIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path temp;

    @Test
    void theAgentPollsItAndAppliesItsGoal() throws Exception {
        SamplePublisher acme = new SamplePublisher("acme");
        try (HostileGateway gateway = new HostileGateway()) {
            Path folder = Files.createDirectories(temp.resolve("mock"));
            write(
                    folder.resolve("ca.pem"),
                    "CERTIFICATE",
                    gateway.authority.certificate().getEncoded());
            write(
                    folder.resolve("cert.pem"),
                    "CERTIFICATE",
                    gateway.authority.serverCertificate().getEncoded());
            // The whole chain: a machine knows its authority by the digest of its certificate, which must be shown.
            Files.writeString(
                    folder.resolve("cert.pem"),
                    Files.readString(folder.resolve("cert.pem")) + Files.readString(folder.resolve("ca.pem")));
            write(
                    folder.resolve("key.pem"),
                    "PRIVATE KEY",
                    gateway.authority.serverPair().getPrivate().getEncoded());
            ObjectNode offered = JSON.createObjectNode();
            AgentConfigMap map = Objects.requireNonNull(GoalStateCodec.encode(new GoalState(7, List.of(), Map.of()))
                    .remoteConfig()
                    .config());
            map.configMap()
                    .forEach((key, entry) -> offered.putObject(key)
                            .put("contentType", entry.contentType())
                            .put(
                                    "body",
                                    Base64.getEncoder()
                                            .encodeToString(entry.body().toArray())));
            Files.write(folder.resolve("config.json"), JSON.writeValueAsBytes(offered));

            Victim victim = new Victim(temp.resolve("root")).enrolledWith(gateway, acme.trusted(TrustMode.FULL), 3);
            victim.start().awaitConnected(gateway).close();
            try (NodeProgram mock = new NodeProgram("server.mjs", folder.toString());
                    victim) {
                int port = mock.await("its port", line -> line.has("port"))
                        .path("port")
                        .asInt();
                victim.enrolledWith(
                        "127.0.0.1:" + port,
                        Digest.of(gateway.authority.certificate().getEncoded()).text(),
                        acme.trusted(TrustMode.FULL),
                        3);
                Files.delete(victim.root.resolve("etc/vmext/enrolment.json"));
                victim.start();

                JsonNode first = mock.await(
                        "the first message", line -> line.path("sent").has("agentDescription"));
                assertThat(first.at("/sent/instanceUid").asText())
                        .isEqualTo(HostileGateway.MACHINE.toString().replace("-", ""));
                assertThat(first.at("/sent/capabilities").asLong()).isEqualTo(AgentCapabilities.OURS);
                assertThat(attribute(first, "identifyingAttributes", "service.name"))
                        .isEqualTo("vmext-agent");
                assertThat(attribute(first, "nonIdentifyingAttributes", "os.type"))
                        .isEqualTo("linux");
                assertThat(attribute(first, "nonIdentifyingAttributes", "vmext.deadlineStretch"))
                        .isEqualTo("3");
                assertThat(first.at("/sent/health/healthy").asBoolean()).isTrue();

                // The hash is the server's own and must come back as it was. What it applied before it tells first.
                String offer = hash(mock);
                JsonNode applied = mock.await(
                        "the goal is applied",
                        line -> line.at("/sent/remoteConfigStatus/status").asInt() == 1
                                && line.at("/sent/remoteConfigStatus/lastRemoteConfigHash")
                                        .asText()
                                        .equals(offer));
                assertThat(applied.at("/sent/effectiveConfig/configMap/configMap")
                                .has("manifest"))
                        .isTrue();
                long number = applied.at("/sent/sequenceNum").asLong();
                mock.await(
                        "the next heartbeat",
                        line -> line.at("/sent/sequenceNum").asLong() > number
                                && !line.path("error").isTextual());
                assertThat(mock.said()).noneMatch(line -> line.path("error").isTextual());
                assertThat(mock.said())
                        .anyMatch(line -> line.path("method").asText().equals("GET"));
            }
        }
    }

    private static String hash(NodeProgram mock) throws Exception {
        return mock.await(
                        "the offer",
                        line -> line.at("/heard/remoteConfig/configHash").isTextual())
                .at("/heard/remoteConfig/configHash")
                .asText();
    }

    private static String attribute(JsonNode line, String which, String key) {
        for (JsonNode attribute : line.at("/sent/agentDescription/" + which)) {
            if (attribute.path("key").asText().equals(key)) {
                return attribute.at("/value/value/value").asText();
            }
        }
        return "";
    }

    private static void write(Path file, String label, byte[] der) throws Exception {
        Files.writeString(file, Pem.write(label, der), StandardCharsets.US_ASCII);
    }
}
