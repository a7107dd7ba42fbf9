package dev.vmext.protocol.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.protocol.CapabilityLevel;
import dev.vmext.protocol.opamp.AgentDescription;
import dev.vmext.protocol.opamp.AgentToServer;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.ComponentHealth;
import dev.vmext.protocol.opamp.KeyValue;
import dev.vmext.protocol.opamp.MessageLimits;
import dev.vmext.protocol.opamp.OpampCodec;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.HandlerStatus;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.protocol.status.StatusWord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LinkTest {
    private static final Instant NOW = Instant.parse("2026-11-23T15:00:00.5Z");

    @Test
    void factsComeBackAsTheyWereTold() {
        Map<String, String> facts = Map.of(
                "os",
                "linux",
                "distro",
                "debian",
                "osVersion",
                "12",
                "arch",
                "amd64",
                "hostname",
                "web1",
                "kernel",
                "6.1",
                "agentVersion",
                "0.1.0",
                "machineId",
                "abc",
                "trustMode",
                "full");
        AgentDescription description = MachineFacts.describe("install-1", facts);
        assertThat(MachineFacts.facts(description))
                .containsAllEntriesOf(facts)
                .containsEntry("service.name", "vmext-agent")
                .containsEntry("service.instance.id", "install-1")
                .hasSize(facts.size() + 2);
        assertThat(MachineFacts.level(description)).hasValue(CapabilityLevel.CURRENT);
    }

    @Test
    void aForeignAgentHasFactsButNoLevel() {
        AgentDescription collector = new AgentDescription(
                List.of(KeyValue.of("service.name", "io.opentelemetry.collector")),
                List.of(KeyValue.of("os.type", "linux"), KeyValue.of("size", 3)));
        assertThat(MachineFacts.facts(collector))
                .isEqualTo(Map.of("service.name", "io.opentelemetry.collector", "os", "linux"));
        assertThat(MachineFacts.level(collector)).isEmpty();
    }

    @Test
    void floodsOfFactsAreCut() {
        List<KeyValue> many = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            many.add(KeyValue.of("k" + i, "x".repeat(5000)));
        }
        Map<String, String> facts = MachineFacts.facts(new AgentDescription(List.of(), many));
        assertThat(facts).hasSize(128);
        assertThat(facts.values()).allMatch(value -> value.length() == 1024);
    }

    @Test
    void healthHasOneComponentPerInstallation() {
        HandlerStatus handler = new HandlerStatus(
                "Enable",
                StatusWord.ERROR,
                "7",
                "no",
                List.of(new HandlerStatus.Substatus("scan", StatusWord.ERROR, "1", "disk full")));
        ComponentHealth health = HealthTree.of(
                "running",
                NOW,
                NOW,
                List.of(
                        status("fw", InstallationState.READY, null, null),
                        status(
                                "av",
                                InstallationState.FAILED,
                                new Cause(CauseClass.HANDLER_STATUS, "enable", "it says error", "look", Map.of()),
                                handler)));
        assertThat(health.healthy()).isFalse();
        assertThat(health.componentHealthMap()).containsOnlyKeys("ext/fw", "ext/av");
        ComponentHealth firewall =
                Objects.requireNonNull(health.componentHealthMap().get("ext/fw"));
        assertThat(firewall.healthy()).isTrue();
        assertThat(firewall.status()).isEqualTo("ready");
        assertThat(firewall.attributes()).contains(KeyValue.of("seq", 4), KeyValue.of("goal", 9));
        assertThat(firewall.statusTimeUnixNano()).isEqualTo(1795446000500000000L);
        ComponentHealth antivirus =
                Objects.requireNonNull(health.componentHealthMap().get("ext/av"));
        assertThat(antivirus.lastError()).isEqualTo("it says error");
        assertThat(antivirus.attributes()).contains(KeyValue.of("code", "7"), KeyValue.of("cause", "handler-status"));
        assertThat(Objects.requireNonNull(antivirus.componentHealthMap().get("scan"))
                        .lastError())
                .isEqualTo("disk full");
    }

    @Test
    void theLargestHealthTreeFitsIntoAMessage() {
        List<HandlerStatus.Substatus> parts = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            parts.add(new HandlerStatus.Substatus("p" + i, StatusWord.ERROR, "c", "ü".repeat(9000)));
        }
        List<InstallationStatus> installations = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            installations.add(status(
                    "i" + i,
                    InstallationState.READY,
                    null,
                    new HandlerStatus("Enable", StatusWord.SUCCESS, "0", "", parts)));
        }
        AgentToServer message = AgentToServer.builder(Bytes.EMPTY)
                .health(HealthTree.of("running", NOW, NOW, installations))
                .build();
        OpampCodec codec = new OpampCodec(MessageLimits.STANDARD);
        assertThat(codec.decodeAgentToServer(codec.encode(message))).isEqualTo(message);
    }

    @Test
    void settingsKeyComesBack() {
        SettingsKey key = new SettingsKey("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
        assertThat(SettingsKey.decode(key.encode())).isEqualTo(key);
        assertThatThrownBy(() -> SettingsKey.decode("{\"v\":1}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("certificate");
    }

    private static InstallationStatus status(
            String name, InstallationState state, @Nullable Cause cause, @Nullable HandlerStatus handler) {
        return new InstallationStatus(
                name, "a.B", "1.0", state, 9, 4, state == InstallationState.READY, cause, handler, "", 0, 1, NOW, NOW);
    }
}
