package dev.vmext.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.protocol.CapabilityLevel;
import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.link.LogAnswer;
import dev.vmext.protocol.link.LogRequest;
import dev.vmext.protocol.link.SettingsKey;
import dev.vmext.protocol.link.StatusAck;
import dev.vmext.protocol.opamp.AgentDescription;
import dev.vmext.protocol.opamp.AgentRemoteConfig;
import dev.vmext.protocol.opamp.ApplyState;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.CustomCapabilities;
import dev.vmext.protocol.opamp.CustomMessage;
import dev.vmext.protocol.opamp.KeyValue;
import dev.vmext.protocol.opamp.RemoteConfigStatus;
import dev.vmext.protocol.opamp.ServerToAgent;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.server.jdbc.SqliteFleetStore;
import dev.vmext.server.seal.SettingsCertificates;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GoalsAndStatusesIT {
    @TempDir
    Path home;

    private GatewayFixture plane;

    @BeforeEach
    void start() throws Exception {
        plane = new GatewayFixture(home);
        plane.polling = polling();
        plane.publish();
    }

    /** The same tests are run with agents that poll. */
    boolean polling() {
        return false;
    }

    @AfterEach
    void stop() {
        plane.close();
    }

    @Test
    void goalArrivesWithItsPackageInOneEnvelope() throws Exception {
        ScriptedAgent agent = plane.connected("web1");
        agent.takeGoal(0);

        plane.install("web1", "site", Map.of("n", 1));
        GoalState goal = agent.takeGoal(1);

        assertThat(goal.installations()).extracting(InstallationGoal::name).containsExactly("site");
        assertThat(goal.packages()).containsKey(GatewayFixture.EXTENSION);
    }

    @Test
    void agentOfSomebodyElseIsShownButGetsNoGoal() throws Exception {
        ScriptedAgent agent = plane.enrolled("web1");
        plane.install("web1", "site", Map.of());
        agent.connectWithCertificate();

        agent.ask(agent.message()
                .agentDescription(new AgentDescription(List.of(KeyValue.of("service.name", "otelcol")), List.of())));
        agent.ask(agent.message());
        agent.ask(agent.message());

        assertThat(agent.nothingReceived()).isTrue();
        assertThat(plane.fleet.getMachine("default", "web1").facts()).containsEntry("service.name", "otelcol");
    }

    @Test
    void anAgentOfTheFirstLevelIsSentNoTerms() throws Exception {
        ScriptedAgent agent = plane.enrolled("web1");
        plane.fleet.putInstallation(
                GatewayFixture.ADMIN,
                GatewayFixture.PROJECT,
                "web1",
                "site",
                new InstallationWrite(
                        GatewayFixture.EXTENSION, null, null, null, null, null, Map.of("install", 60L), null));
        agent.connectWithCertificate();
        agent.send(agent.message()
                .agentDescription(new AgentDescription(List.of(), List.of(KeyValue.of(CapabilityLevel.ATTRIBUTE, 1))))
                .customCapabilities(new CustomCapabilities(List.of(CustomCapability.STATUS))));
        GoalState goal = agent.takeGoal(1);
        assertThat(goal.installations().getFirst().terms().deadlines()).isEmpty();

        agent.close();
        agent.connectWithCertificate();
        agent.send(agent.introduction(Map.of("os", "linux")));
        assertThat(agent.takeGoal(1).installations().getFirst().terms().deadlines())
                .containsKey("install");
    }

    @Test
    void whatWasDeclaredBeforeTheMachineCameIsThereAtOnce() throws Exception {
        ScriptedAgent agent = plane.enrolled("web1");
        plane.install("web1", "site", Map.of("n", 1));
        agent.connectWithCertificate();
        agent.send(agent.introduction(Map.of("os", "linux", "arch", "amd64")));

        assertThat(agent.takeGoal(1).installations()).hasSize(1);
    }

    @Test
    void goalThatTheAgentAcknowledgedNoLongerWaitsForTheMachine() throws Exception {
        ScriptedAgent agent = plane.connected("web1");
        plane.install("web1", "site", Map.of("n", 1));

        agent.takeGoal(1);
        agent.ask(agent.message());

        agent.ask(agent.message());
        assertThat(plane.fleet.getInstallation("default", "web1", "site").state())
                .isNotEqualTo("waiting-machine");
    }

    @Test
    void goalThatTheAgentHasIsNotSentAgainAfterAReconnect() throws Exception {
        ScriptedAgent agent = plane.connected("web1");
        plane.install("web1", "site", Map.of("n", 1));
        AgentRemoteConfig sent = agent.next(ServerToAgent::remoteConfig);
        while (Objects.requireNonNull(sent.config()).configMap().size() == 1) {
            sent = agent.next(ServerToAgent::remoteConfig);
        }
        agent.close();

        agent.connectWithCertificate();
        agent.send(agent.introduction(Map.of("os", "linux", "arch", "amd64"))
                .remoteConfigStatus(new RemoteConfigStatus(sent.configHash(), ApplyState.APPLIED, "")));
        agent.next();
        plane.install("web1", "site", Map.of("n", 2));

        assertThat(agent.next(ServerToAgent::remoteConfig).configHash()).isNotEqualTo(sent.configHash());
    }

    @Test
    void protectedSettingsComeEncryptedOnceTheMachineHasAKey() throws Exception {
        ScriptedAgent agent = plane.connected("web1");
        plane.installWithSecret("web1", "site", Map.of("password", "hunter2"));
        SettingsCertificates machineKey = SettingsCertificates.make();

        agent.send(agent.message()
                .customMessage(new CustomMessage(
                        CustomCapability.KEYS,
                        CustomCapability.KEYS_PUBLISH,
                        Bytes.of(new SettingsKey(machineKey.pem()).encode()))));

        InstallationGoal line = goalWith(agent, "site");
        assertThat(machineKey.decrypt(
                        Objects.requireNonNull(line.protectedSettings()).cms()))
                .isEqualToIgnoringWhitespace("{\"password\":\"hunter2\"}");
    }

    @Test
    void statusIsAcknowledgedOnceItIsInTheStore() throws Exception {
        ScriptedAgent agent = plane.connected("web1");
        plane.install("web1", "site", Map.of("n", 1));
        InstallationStatus status =
                status(agent, "site", InstallationState.READY, Instant.parse("2026-01-01T00:00:01.5Z"));

        agent.send(agent.report(status));
        CustomMessage answer = agent.next(ServerToAgent::customMessage);

        assertThat(StatusAck.decode(answer.data().toArray())).isEqualTo(StatusAck.of(status));
        assertThat(plane.fleet.getInstallation("default", "web1", "site").state())
                .isEqualTo("ready");
    }

    @Test
    void everyStatusOfAStormIsAcknowledgedAndAGoalComesThrough() throws Exception {
        ScriptedAgent agent = plane.connected("web1");
        plane.install("web1", "site", Map.of("n", 1));
        GoalState goal = goalState(agent, "site");
        Set<Instant> open = new HashSet<>();
        for (int i = 0; i < 1500; i++) {
            Instant at = plane.clock.instant().plusMillis(i);
            open.add(at);
            agent.send(agent.report(status(goal, "site", InstallationState.INSTALLING, at)));
            if (i == 250) {
                plane.install("web1", "second", Map.of());
            }
        }

        boolean goalCame = false;
        while (!open.isEmpty() || !goalCame) {
            ServerToAgent message = agent.next();
            if (message.customMessage() != null) {
                open.remove(StatusAck.decode(message.customMessage().data().toArray())
                        .at());
            }
            goalCame |= message.remoteConfig() != null;
        }

        assertThat(plane.fleet.getInstallation("default", "web1", "site").state())
                .isEqualTo("installing");
    }

    @Test
    void statusThatCannotBeReadIsRefusedAndTheLinkStays() throws Exception {
        ScriptedAgent agent = plane.connected("web1");

        agent.send(agent.message()
                .customMessage(new CustomMessage(
                        CustomCapability.STATUS, CustomCapability.STATUS_REPORT, Bytes.ofUtf8("{\"v\":1}"))));

        assertThat(agent.next(ServerToAgent::errorResponse).errorMessage()).startsWith("malformed-request: ");
        assertThat(agent.ask(agent.message())).isNotNull();
    }

    @Test
    void unknownCustomMessagesArePassedOver() throws Exception {
        ScriptedAgent agent = plane.connected("web1");
        agent.takeGoal(0);
        agent.next();

        ServerToAgent answer =
                agent.ask(agent.message().customMessage(new CustomMessage("acme.x/v1", "hello", Bytes.EMPTY)));

        assertThat(answer.errorResponse()).isNull();
    }

    @Test
    void agentsLogIsAskedForAndComes() throws Exception {
        ScriptedAgent agent = plane.connected("web1");

        CompletableFuture<LogAnswer> log =
                plane.sessions.requestLog(agent.uid().uuid().toString(), 65_536);
        CustomMessage request = agent.next(ServerToAgent::customMessage);
        LogRequest asked = LogRequest.decode(request.data().toArray());
        agent.send(agent.message()
                .customMessage(new CustomMessage(
                        CustomCapability.LOGS,
                        CustomCapability.LOGS_TEXT,
                        Bytes.of(new LogAnswer(asked.id(), "started\n", true).encode()))));

        assertThat(log.get(20, TimeUnit.SECONDS)).isEqualTo(new LogAnswer(asked.id(), "started\n", true));
        assertThat(asked.tail()).isEqualTo(65_536);
    }

    /** The link ends without a word, if there is a link that can. */
    void leave(ScriptedAgent agent) throws Exception {
        agent.close();
    }

    /** Does what makes a machine online. */
    void arrive(ScriptedAgent agent) throws Exception {
        agent.connectWithCertificate();
    }

    @Test
    void logOfAMachineThatLeavesIsNotWaitedFor() throws Exception {
        ScriptedAgent agent = plane.connected("web1");
        CompletableFuture<LogAnswer> log =
                plane.sessions.requestLog(agent.uid().uuid().toString(), 10);
        agent.next(ServerToAgent::customMessage);

        leave(agent);

        assertThatThrownBy(() -> log.get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(ProblemException.class);
    }

    @Test
    void logOfAnOfflineMachineIsRefusedAtOnce() {
        assertThat(plane.sessions.requestLog("nobody", 10)).isCompletedExceptionally();
    }

    @Test
    void watchersHearThatAMachineCameAndWent() throws Exception {
        ScriptedAgent agent = plane.enrolled("web1");
        CompletableFuture<Void> came = watched("online");
        arrive(agent);
        came.get(20, TimeUnit.SECONDS);
        agent.introduce();

        CompletableFuture<Void> went = watched("offline");
        agent.disconnect();

        assertThat(went).succeedsWithin(Duration.ofSeconds(20));
    }

    @Test
    void acknowledgedStatusSurvivesTheDeathOfTheServer() throws Exception {
        Path data = Files.createDirectory(home.resolve("data"));
        SqliteFleetStore store = SqliteFleetStore.open(data);
        GatewayFixture durable =
                new GatewayFixture(Files.createDirectory(home.resolve("durable")), store, GatewayLimits.DEFAULTS);
        durable.publish();
        ScriptedAgent agent = durable.connected("web1");
        durable.install("web1", "site", Map.of("n", 1));
        agent.send(agent.report(status(agent, "site", InstallationState.READY, Instant.parse("2026-01-01T00:00:01Z"))));
        agent.next(ServerToAgent::customMessage);

        // What lies on the disk at this moment is what a server finds that starts after a kill.
        Path afterwards = Files.createDirectory(home.resolve("afterwards"));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(data, "*.db*")) {
            for (Path file : files) {
                Files.copy(file, afterwards.resolve(file.getFileName()));
            }
        }
        try (SqliteFleetStore found = SqliteFleetStore.open(afterwards);
                GatewayFixture next = new GatewayFixture(
                        Files.createDirectory(home.resolve("next")), found, GatewayLimits.DEFAULTS)) {
            assertThat(next.fleet.getInstallation("default", "web1", "site").state())
                    .isEqualTo("ready");
        }
        durable.close();
        store.close();
    }

    private CompletableFuture<Void> watched(String state) {
        CompletableFuture<Void> seen = new CompletableFuture<>();
        plane.fleet.onCommit((machineIds, events) -> {
            if (events.stream().anyMatch(event -> event.machine().equals("web1"))
                    && plane.fleet.getMachine("default", "web1").state().equals(state)) {
                seen.complete(null);
            }
        });
        return seen;
    }

    @Test
    void machineIsRememberedAsSeenAfterTheServerStops() throws Exception {
        plane.connected("web1");
        plane.clock.advance(Duration.ofSeconds(5));

        plane.close();

        assertThat(plane.fleet.getMachine("default", "web1").lastSeen()).isNotNull();
    }

    private static GoalState goalState(ScriptedAgent agent, String installation) throws Exception {
        while (true) {
            GoalState goal = agent.takeGoal(0);
            if (goal.installations().stream().anyMatch(line -> line.name().equals(installation))) {
                return goal;
            }
        }
    }

    private static InstallationGoal goalWith(ScriptedAgent agent, String installation) throws Exception {
        return goalState(agent, installation).installations().stream()
                .filter(line -> line.name().equals(installation))
                .findFirst()
                .orElseThrow();
    }

    private static InstallationStatus status(ScriptedAgent agent, String name, InstallationState state, Instant at)
            throws Exception {
        return status(goalState(agent, name), name, state, at);
    }

    private static InstallationStatus status(GoalState goal, String name, InstallationState state, Instant at) {
        InstallationGoal line = goal.installations().stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow();
        return new InstallationStatus(
                name,
                line.extension(),
                line.version(),
                state,
                goal.generation(),
                line.sequence(),
                state == InstallationState.READY,
                null,
                null,
                "",
                null,
                1,
                at,
                at);
    }
}
