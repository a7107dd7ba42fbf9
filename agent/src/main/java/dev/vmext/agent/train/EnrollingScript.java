package dev.vmext.agent.train;

import dev.vmext.agent.seal.Pem;
import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.GoalStateCodec;
import dev.vmext.protocol.link.StatusAck;
import dev.vmext.protocol.opamp.AgentIdentification;
import dev.vmext.protocol.opamp.AgentToServer;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.CertificateRequest;
import dev.vmext.protocol.opamp.ConnectionSettingsOffers;
import dev.vmext.protocol.opamp.ConnectionSettingsRequest;
import dev.vmext.protocol.opamp.CustomMessage;
import dev.vmext.protocol.opamp.OpampConnectionSettings;
import dev.vmext.protocol.opamp.ServerCapabilities;
import dev.vmext.protocol.opamp.ServerToAgent;
import dev.vmext.protocol.opamp.TlsCertificate;
import dev.vmext.protocol.status.StatusReportCodec;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** A control plane that enrols one machine with one token, gives it one goal and acknowledges its reports. Thread-safe. */
public final class EnrollingScript implements LoopbackGateway.Script {
    /** What every machine enrols with. */
    public static final String TOKEN = "loopback-token";

    private final LoopbackAuthority authority;
    private final UUID machine;
    private final GoalState goal;
    private final long heartbeatSeconds;
    private final List<AgentToServer> heard = new CopyOnWriteArrayList<>();

    public EnrollingScript(LoopbackAuthority authority, UUID machine, GoalState goal, long heartbeatSeconds) {
        this.authority = authority;
        this.machine = machine;
        this.goal = goal;
        this.heartbeatSeconds = heartbeatSeconds;
    }

    /** Everything that was said, in order. */
    public List<AgentToServer> heard() {
        return heard;
    }

    @Override
    public Optional<String> refuses(Optional<String> token, boolean hasCertificate) {
        boolean known = token.map(TOKEN::equals).orElse(hasCertificate);
        return known ? Optional.empty() : Optional.of("cannot enrol: the token is not known");
    }

    @Override
    public List<ServerToAgent> answer(AgentToServer message) throws IOException, GeneralSecurityException {
        heard.add(message);
        ServerToAgent.Builder reply =
                ServerToAgent.builder(message.instanceUid()).capabilities(ServerCapabilities.OURS);
        Optional<byte[]> request = request(message);
        if (request.isPresent()) {
            String issued = authority.issueMachine(machine, request.get());
            String authorityPem =
                    Pem.write("CERTIFICATE", authority.certificate().getEncoded());
            reply.agentIdentification(new AgentIdentification(Bytes.ofUuid(machine)))
                    .connectionSettings(new ConnectionSettingsOffers(
                            Bytes.ofUtf8("settings"),
                            new OpampConnectionSettings(
                                    "",
                                    null,
                                    new TlsCertificate(Bytes.ofUtf8(issued), Bytes.EMPTY, Bytes.ofUtf8(authorityPem)),
                                    heartbeatSeconds,
                                    null,
                                    null),
                            null,
                            null,
                            null,
                            Map.of()));
        } else if (message.agentDescription() != null) {
            GoalOffer offer = GoalStateCodec.encode(goal);
            reply.remoteConfig(offer.remoteConfig()).packagesAvailable(offer.packagesAvailable());
        }
        List<ServerToAgent> answers = new ArrayList<>();
        CustomMessage custom = message.customMessage();
        if (custom != null && custom.type().equals(CustomCapability.STATUS_REPORT)) {
            StatusAck ack = StatusAck.of(StatusReportCodec.decode(custom.data().toArray()));
            reply.customMessage(
                    new CustomMessage(CustomCapability.STATUS, CustomCapability.STATUS_ACK, Bytes.of(ack.encode())));
        }
        answers.add(reply.build());
        return answers;
    }

    private static Optional<byte[]> request(AgentToServer message) {
        ConnectionSettingsRequest request = message.connectionSettingsRequest();
        var opamp = request == null ? null : request.opamp();
        CertificateRequest certificate = opamp == null ? null : opamp.certificateRequest();
        return certificate == null
                ? Optional.empty()
                : Optional.of(certificate.csr().toArray());
    }
}
