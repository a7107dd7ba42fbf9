package dev.vmext.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.opamp.AgentDescription;
import dev.vmext.protocol.opamp.AgentDisconnect;
import dev.vmext.protocol.opamp.AgentToServer;
import dev.vmext.protocol.opamp.ApplyState;
import dev.vmext.protocol.opamp.AvailableComponents;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.ComponentHealth;
import dev.vmext.protocol.opamp.ConnectionSettingsRequest;
import dev.vmext.protocol.opamp.ConnectionSettingsStatus;
import dev.vmext.protocol.opamp.CustomCapabilities;
import dev.vmext.protocol.opamp.CustomMessage;
import dev.vmext.protocol.opamp.EffectiveConfig;
import dev.vmext.protocol.opamp.PackageStatuses;
import dev.vmext.protocol.opamp.RemoteConfigStatus;
import dev.vmext.protocol.opamp.ServerErrorResponse;
import dev.vmext.server.gateway.GatewayRoute.Access;
import dev.vmext.server.gateway.MessageKind.Link;
import dev.vmext.server.gateway.MessageKind.Rule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Walks the table of routes and the table of message kinds against a running gateway: what they say is what happens. */
class GatewayTablesIT {
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

    @ParameterizedTest
    @EnumSource(GatewayRoute.class)
    void everyRouteHoldsItsAccessRule(GatewayRoute route) throws Exception {
        int stranger = route.takes("GET")
                ? plane.stranger().get(path(route)).statusCode()
                : plane.stranger().post(path(route), new byte[0]).statusCode();

        assertThat(stranger)
                .isEqualTo(
                        switch (route.access()) {
                            case PUBLIC -> 503;
                            case LINK, MACHINE -> 401;
                        });
    }

    @Test
    void onlyTheAgentArchivesArePublic() {
        assertThat(Arrays.stream(GatewayRoute.values()).filter(route -> route.access() == Access.PUBLIC))
                .containsExactly(GatewayRoute.AGENT_ARCHIVE, GatewayRoute.AGENT_DEB);
    }

    @Test
    void everythingElseDoesNotExist() throws Exception {
        for (String path : List.of(
                "/",
                "/v1",
                "/v1/opamp/",
                "/v1/machines",
                "/v1/packages/sha256/../../agent",
                "/v1/packages/sha256/" + "A".repeat(64),
                "/v1/agent/linux-arm64.deb",
                "/v1/agent/..%2fkey",
                "/v1/agent/linux-amd64.deb;x=1")) {
            assertThat(plane.stranger().get(path).statusCode()).as(path).isIn(400, 404);
        }
    }

    @ParameterizedTest
    @EnumSource(Link.class)
    void everyMessageKindHoldsItsRule(Link link) throws Exception {
        for (MessageKind kind : MessageKind.values()) {
            ScriptedAgent agent =
                    connected(link, kind.name().toLowerCase(Locale.ROOT).replace('_', '-'));
            ServerErrorResponse error =
                    agent.ask(message(kind, agent.message())).errorResponse();

            boolean refused = error != null && error.errorMessage().startsWith("access-denied: ");
            assertThat(refused).as(kind + " on " + link).isEqualTo(kind.on(link) == Rule.REFUSE);
            agent.close();
        }
    }

    @Test
    void whatAnUnenrolledAgentSaysOfItselfIsNotBelieved() throws Exception {
        ScriptedAgent agent = connected(Link.ENROLLING, "web1");

        agent.ask(agent.introduction(Map.of("distro", "forged")));

        assertThat(plane.fleet.getMachine("default", "web1").facts()).isEmpty();
        assertThat(plane.sessions.count()).isZero();
    }

    private ScriptedAgent connected(Link link, String machine) throws Exception {
        if (link == Link.ENROLLING) {
            ScriptedAgent agent = plane.stranger();
            agent.connectWithToken(plane.enrolment(machine).token().reveal());
            return agent;
        }
        ScriptedAgent agent = plane.enrolled(machine);
        if (link == Link.EXPIRED) {
            plane.clock.advance(Duration.ofDays(31));
        }
        agent.connectWithCertificate();
        return agent;
    }

    private static String path(GatewayRoute route) {
        return switch (route) {
            case OPAMP -> "/v1/opamp";
            case PACKAGE -> "/v1/packages/sha256/" + "0".repeat(64);
            case METRICS -> "/v1/metrics";
            case REPOSITORY -> "/v1/repositories/00000000-0000-0000-0000-000000000000/backup/config";
            case CERTIFICATES -> "/v1/certificates/certs/web";
            case AGENT_ARCHIVE -> "/v1/agent/linux-amd64.tar.gz";
            case AGENT_DEB -> "/v1/agent/linux-amd64.deb";
        };
    }

    private static AgentToServer.Builder message(MessageKind kind, AgentToServer.Builder message) {
        Bytes empty = Bytes.EMPTY;
        return switch (kind) {
            case DESCRIPTION -> message.agentDescription(new AgentDescription(List.of(), List.of()));
            case HEALTH -> message.health(new ComponentHealth(true, 0, "", "", 0, Map.of(), List.of()));
            case EFFECTIVE_CONFIG -> message.effectiveConfig(new EffectiveConfig(null));
            case REMOTE_CONFIG_STATUS ->
                message.remoteConfigStatus(new RemoteConfigStatus(empty, ApplyState.APPLIED, ""));
            case PACKAGE_STATUSES -> message.packageStatuses(new PackageStatuses(Map.of(), empty, ""));
            case AVAILABLE_COMPONENTS -> message.availableComponents(new AvailableComponents(Map.of(), empty));
            case DISCONNECT -> message.agentDisconnect(AgentDisconnect.INSTANCE);
            case REQUEST_INSTANCE_UID -> message.flags(AgentToServer.FLAG_REQUEST_INSTANCE_UID);
            case CERTIFICATE_REQUEST -> message.connectionSettingsRequest(new ConnectionSettingsRequest(null));
            case CONNECTION_SETTINGS_STATUS ->
                message.connectionSettingsStatus(new ConnectionSettingsStatus(empty, ApplyState.APPLYING, ""));
            case CUSTOM_CAPABILITIES -> message.customCapabilities(new CustomCapabilities(List.of()));
            case SETTINGS_KEY -> custom(message, CustomCapability.KEYS, CustomCapability.KEYS_PUBLISH);
            case STATUS_REPORT -> custom(message, CustomCapability.STATUS, CustomCapability.STATUS_REPORT);
            case LOG_TEXT -> custom(message, CustomCapability.LOGS, CustomCapability.LOGS_TEXT);
            case LOG_PIECE -> custom(message, CustomCapability.LOG_FILES, CustomCapability.LOG_FILES_PIECE);
            case COMMAND_ACCEPTED -> custom(message, CustomCapability.EXEC, CustomCapability.EXEC_ACCEPTED);
            case COMMAND_OUTPUT -> custom(message, CustomCapability.EXEC, CustomCapability.EXEC_OUTPUT);
            case COMMAND_EXIT -> custom(message, CustomCapability.EXEC, CustomCapability.EXEC_EXIT);
            case DIAGNOSIS_PART -> custom(message, CustomCapability.DIAGNOSE, CustomCapability.DIAGNOSE_PART);
            case FINDINGS -> custom(message, CustomCapability.FINDINGS, CustomCapability.FINDINGS_BATCH);
            case FREEZE_HELD -> custom(message, CustomCapability.FREEZE, CustomCapability.FREEZE_HELD);
            case FREEZE_RELEASED -> custom(message, CustomCapability.FREEZE, CustomCapability.FREEZE_RELEASED);
            case UNKNOWN_CUSTOM -> custom(message, "acme.unknown/v1", "x");
        };
    }

    private static AgentToServer.Builder custom(AgentToServer.Builder message, String capability, String type) {
        return message.customMessage(new CustomMessage(capability, type, Bytes.ofUtf8("{}")));
    }
}
