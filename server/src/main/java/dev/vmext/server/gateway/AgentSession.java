package dev.vmext.server.gateway;

import dev.vmext.fleet.MachineRecord;
import dev.vmext.fleet.MachineStatus;
import dev.vmext.protocol.CapabilityLevel;
import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.freeze.FreezeAnswer;
import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.link.DiagnosisPart;
import dev.vmext.protocol.link.DiagnosisRequest;
import dev.vmext.protocol.link.MachineFacts;
import dev.vmext.protocol.link.SettingsKey;
import dev.vmext.protocol.link.StatusAck;
import dev.vmext.protocol.opamp.AgentCapabilities;
import dev.vmext.protocol.opamp.AgentDescription;
import dev.vmext.protocol.opamp.AgentIdentification;
import dev.vmext.protocol.opamp.AgentToServer;
import dev.vmext.protocol.opamp.ApplyState;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.ConnectionSettingsRequest;
import dev.vmext.protocol.opamp.ConnectionSettingsStatus;
import dev.vmext.protocol.opamp.CustomCapabilities;
import dev.vmext.protocol.opamp.CustomMessage;
import dev.vmext.protocol.opamp.RemoteConfigStatus;
import dev.vmext.protocol.opamp.ServerCapabilities;
import dev.vmext.protocol.opamp.ServerToAgent;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.protocol.status.StatusReportCodec;
import dev.vmext.server.gateway.MessageKind.Link;
import dev.vmext.server.gateway.MessageKind.Rule;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One link to one agent, whatever carries it. Messages come in one at a time on the connection's thread; goals are pushed by a worker.
 * What an agent is allowed to say is in {@link MessageKind}, who it is was settled before the link opened.
 *
 * <pre>
 *   ENROLLING --certificate request--> offer; the agent comes back with its certificate
 *   EXPIRED   --certificate request--> offer; the same
 *   ENROLLED  --first message--> token burnt --> goals, statuses, logs ... --certificate ends--> EXPIRED
 * </pre>
 */
final class AgentSession {
    private static final Logger LOG = System.getLogger(AgentSession.class.getName());
    private static final int MAX_MALFORMED = 10;
    private static final CustomCapabilities OURS = new CustomCapabilities(List.of(
            CapabilityLevel.announcement(),
            CustomCapability.CLOCK,
            CustomCapability.DIAGNOSE,
            CustomCapability.EXEC,
            CustomCapability.FINDINGS,
            CustomCapability.FREEZE,
            CustomCapability.KEYS,
            CustomCapability.LOG_FILES,
            CustomCapability.LOGS,
            CustomCapability.STATUS));

    private final SessionParts parts;
    private final LinkIdentity identity;
    private final LinkTransport transport;
    private final MachineRecord machine;
    private final Bytes uid;
    private final MachineMemory memory;
    private final CertificateOffice office;
    private final GoalPush goals;
    private final CustomDesk desk;
    private final Examinations examinations;
    private final Freezes freezes;
    private final AtomicBoolean pushWanted = new AtomicBoolean();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile boolean takesGoals;
    private volatile boolean pushing;
    private volatile boolean closed;
    private boolean introduced;
    private int malformed;

    AgentSession(SessionParts parts, LinkIdentity identity, LinkTransport transport) {
        this.parts = parts;
        this.identity = identity;
        this.transport = transport;
        this.machine = identity.machine();
        this.uid = Bytes.ofUuid(UUID.fromString(machine.id()));
        this.memory = parts.sessions().memory(machine.id());
        this.office = new CertificateOffice(parts, identity);
        this.goals = new GoalPush(parts.fleet(), machine.id(), machine.name());
        this.desk = new CustomDesk(parts, machine, transport);
        this.examinations = new Examinations(machine.name());
        this.freezes = new Freezes(machine.name());
    }

    /** What the peer has proven, now: a certificate can end while the link is open. */
    Link link() {
        return switch (identity) {
            case LinkIdentity.TokenHolder holder -> Link.ENROLLING;
            case LinkIdentity.CertificateHolder holder ->
                parts.gatekeeper().expired(holder.certificate()) ? Link.EXPIRED : Link.ENROLLED;
        };
    }

    void onOpen() {
        if (link() == Link.ENROLLED) {
            parts.sessions().opened(machine.id(), this);
        } else {
            var _ = parts.timer()
                    .schedule(
                            this::closeUnenrolled,
                            parts.settings().limits().unenrolledLink().toMillis(),
                            TimeUnit.MILLISECONDS);
        }
    }

    void onClosed() {
        closed = true;
        parts.sessions().closed(machine.id(), this);
        desk.closed();
        examinations.closed();
        freezes.closed();
        ended.complete(null);
    }

    /** Completes when the connection is gone. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    /** Called by the connection for one message after the other. */
    void onMessage(AgentToServer message) {
        try {
            answer(message, link());
        } catch (ProblemException e) {
            LOG.log(Level.INFO, "machine {0}: refused a message: {1}", machine.name(), e.detail());
            transport.send(Errors.refused(message.instanceUid(), e));
        } catch (RuntimeException e) {
            LOG.log(
                    Level.ERROR,
                    "machine " + machine.name() + ": a message could not be handled; the agent may retry",
                    e);
            transport.send(Errors.unavailable(message.instanceUid()));
        }
    }

    /** Called instead of {@link #onMessage} for bytes that are no message. */
    void onMalformed(String why) {
        transport.send(Errors.refused(
                uid,
                new ProblemException(
                        ProblemCode.MALFORMED_REQUEST,
                        "cannot read the message: " + why,
                        "do not send it again; update the agent")));
        if (++malformed >= MAX_MALFORMED) {
            close(LinkTransport.POLICY, "too many malformed messages");
        }
    }

    private void answer(AgentToServer message, Link link) {
        if (message.instanceUid().size() != 16) {
            throw new ProblemException(
                    ProblemCode.MALFORMED_REQUEST,
                    "cannot read the message: its instance id has "
                            + message.instanceUid().size() + " bytes instead of 16",
                    "send a UUID");
        }
        Set<MessageKind> kinds = MessageKind.of(message);
        Optional<MessageKind> refused = MessageKind.findRefused(kinds, link);
        if (refused.isPresent()) {
            throw new ProblemException(
                    ProblemCode.ACCESS_DENIED,
                    "cannot accept " + refused.get() + " on a link that is " + link,
                    "ask for a certificate and connect with it");
        }
        ServerToAgent.Builder reply = ServerToAgent.builder(message.instanceUid());
        if (!introduced) {
            reply.capabilities(ServerCapabilities.OURS);
            reply.customCapabilities(OURS);
            if (link == Link.ENROLLED) {
                MetricsOffer.of(message, transport.endpoint()).ifPresent(reply::connectionSettings);
            }
        }
        if (!message.instanceUid().equals(uid)) {
            reply.agentIdentification(new AgentIdentification(uid));
        }
        if (link == Link.ENROLLED) {
            enrolled(message, reply);
        }
        boolean answered = false;
        for (MessageKind kind : kinds) {
            if (kind.on(link) == Rule.ACCEPT) {
                answered |= accept(kind, message, reply);
            }
        }
        introduced = true;
        if (!answered) {
            transport.send(reply.build());
        }
        if (link == Link.ENROLLED) {
            boolean takes = (message.capabilities() & AgentCapabilities.ACCEPTS_REMOTE_CONFIG) != 0;
            // Without a level it is an OpAMP agent of somebody else: shown, never managed.
            if (takes && memory.level() >= CapabilityLevel.OLDEST && !takesGoals) {
                takesGoals = true;
                goalChanged();
            }
        }
    }

    /** What every message of an enrolled agent means, whatever is in it. */
    private void enrolled(AgentToServer message, ServerToAgent.Builder reply) {
        parts.sessions().seen(machine.id());
        if (!memory.follows(message.sequenceNum())) {
            reply.flags(ServerToAgent.FLAG_REPORT_FULL_STATE);
        }
        if (identity instanceof LinkIdentity.CertificateHolder holder) {
            String serial = holder.certificate().serial();
            if (!memory.used(serial)) {
                parts.fleet().certificateUsed(machine.id(), serial);
                memory.rememberUsed(serial);
                LOG.log(Level.INFO, "machine {0}: connected from {1}", machine.name(), transport.remote());
            }
        }
    }

    /** Answers true when the reply is sent later. */
    private boolean accept(MessageKind kind, AgentToServer message, ServerToAgent.Builder reply) {
        switch (kind) {
            case DESCRIPTION -> described(message.agentDescription());
            case CERTIFICATE_REQUEST -> certificateRequested(message.connectionSettingsRequest(), reply);
            case CONNECTION_SETTINGS_STATUS -> settingsApplied(message.connectionSettingsStatus());
            case REMOTE_CONFIG_STATUS -> goalReported(message.remoteConfigStatus());
            case CUSTOM_CAPABILITIES -> {
                desk.announced(message.customCapabilities(), !introduced, reply);
                examinations.announced(message.customCapabilities());
                freezes.announced(message.customCapabilities());
            }
            case SETTINGS_KEY ->
                parts.fleet()
                        .settingsKeyPublished(
                                machine.id(), SettingsKey.decode(data(message)).certificate());
            case COMMAND_ACCEPTED, COMMAND_OUTPUT, COMMAND_EXIT, FINDINGS, LOG_PIECE, LOG_TEXT ->
                desk.accept(kind, data(message), reply);
            case FREEZE_HELD -> freezes.held(FreezeAnswer.decode(data(message)));
            case FREEZE_RELEASED -> freezes.released(FreezeAnswer.decode(data(message)));
            case DIAGNOSIS_PART -> examinations.answered(DiagnosisPart.decode(data(message)));
            case STATUS_REPORT -> {
                storeStatus(StatusReportCodec.decode(data(message)), message.instanceUid(), reply);
                return true;
            }
            case REQUEST_INSTANCE_UID -> reply.agentIdentification(new AgentIdentification(uid));
            // Statuses carry all of this for vmext agents; the close of the connection follows a disconnect.
            case HEALTH, EFFECTIVE_CONFIG, PACKAGE_STATUSES, AVAILABLE_COMPONENTS, DISCONNECT, UNKNOWN_CUSTOM -> {}
        }
        return false;
    }

    private void described(@Nullable AgentDescription description) {
        if (description == null) {
            return;
        }
        memory.level(MachineFacts.level(description).orElse(0));
        Map<String, String> facts = MachineFacts.facts(description);
        if (memory.fromAnotherMachine(facts)) {
            LOG.log(
                    Level.WARNING,
                    "machine {0}: its certificate is now used by another computer (host.id {1}, from {2}), probably a"
                            + " clone of its disk; both take turns until one of them is enrolled anew",
                    machine.name(),
                    facts.get("machineId"),
                    transport.remote());
        }
        if (memory.isNews(facts)) {
            parts.fleet().factsReported(machine.id(), facts);
            memory.stored(facts);
        }
    }

    private void certificateRequested(@Nullable ConnectionSettingsRequest request, ServerToAgent.Builder reply) {
        if (request != null) {
            reply.connectionSettings(office.answer(request, transport.endpoint()));
        }
    }

    private void settingsApplied(@Nullable ConnectionSettingsStatus status) {
        if (status != null && status.status() == ApplyState.FAILED) {
            LOG.log(
                    Level.WARNING,
                    "machine {0}: the agent could not connect with its new certificate: {1}; it keeps the old one",
                    machine.name(),
                    status.errorMessage());
        }
    }

    private void goalReported(@Nullable RemoteConfigStatus status) {
        if (status != null) {
            goals.reported(status);
        }
    }

    /** The reply goes out once the status is stored, so that the agent knows which ones to send again after a crash. */
    private void storeStatus(InstallationStatus status, Bytes replyTo, ServerToAgent.Builder reply) {
        Consumer<ServerToAgent> answer = transport.later();
        var _ = parts.statuses()
                .submit(new MachineStatus(machine.id(), status))
                .whenCompleteAsync(
                        (stored, failure) -> {
                            if (failure == null) {
                                answer.accept(reply.customMessage(new CustomMessage(
                                                CustomCapability.STATUS,
                                                CustomCapability.STATUS_ACK,
                                                Bytes.of(StatusAck.of(status).encode())))
                                        .build());
                            } else {
                                answer.accept(Errors.unavailable(replyTo));
                            }
                        },
                        parts.workers());
    }

    /** The goal may have changed: a worker sends the newest one. However often it is called meanwhile, it is sent once. */
    void goalChanged() {
        if (takesGoals && !closed && pushWanted.compareAndSet(false, true)) {
            parts.pushers().execute(this::push);
        }
    }

    /** Whether a worker is about to say something. */
    boolean hasNews() {
        return pushWanted.get() || pushing;
    }

    private void push() {
        pushing = true;
        // Cleared before looking: a change from here on wants another push.
        pushWanted.set(false);
        try {
            if (closed || link() != Link.ENROLLED) {
                return;
            }
            if (identity instanceof LinkIdentity.CertificateHolder holder) {
                parts.fleet().admit(holder.certificate().serial());
            }
            Optional<GoalOffer> offer = goals.next(memory.level());
            if (offer.isPresent()) {
                transport.send(ServerToAgent.builder(uid)
                        .remoteConfig(offer.get().remoteConfig())
                        .packagesAvailable(offer.get().packagesAvailable())
                        .build());
            }
            for (CustomMessage news : desk.news()) {
                transport.send(ServerToAgent.builder(uid).customMessage(news).build());
            }
        } catch (ProblemException e) {
            if (e.code() == ProblemCode.CERTIFICATE_REFUSED || e.code() == ProblemCode.MACHINE_NOT_FOUND) {
                LOG.log(Level.INFO, "machine {0}: its link is closed: {1}", machine.name(), e.detail());
                close(LinkTransport.POLICY, e.code().wire());
            } else {
                LOG.log(Level.WARNING, "machine {0}: cannot send its goal: {1}", machine.name(), e.detail());
            }
        } catch (RuntimeException e) {
            LOG.log(
                    Level.ERROR,
                    "machine " + machine.name() + ": cannot send its goal; trying again in " + Errors.RETRY,
                    e);
            var _ = parts.timer().schedule(this::goalChanged, Errors.RETRY.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            pushing = false;
        }
    }

    /** The conversation beside goals and statuses. */
    CustomDesk desk() {
        return desk;
    }

    CompletableFuture<byte[]> examine(DiagnosisRequest.Kind kind) {
        return examinations.request(
                kind,
                message -> transport.send(
                        ServerToAgent.builder(uid).customMessage(message).build()));
    }

    CompletableFuture<FreezeAnswer> hold(String id, int seconds) {
        return freezes.hold(id, seconds, this::say);
    }

    CompletableFuture<FreezeAnswer> release(String id) {
        return freezes.release(id, this::say);
    }

    private void say(CustomMessage message) {
        transport.send(ServerToAgent.builder(uid).customMessage(message).build());
    }

    void replacedBy(AgentSession newer) {
        LOG.log(
                Level.INFO,
                "machine {0}: the link from {1} replaces the one from {2}",
                machine.name(),
                newer.transport.remote(),
                transport.remote());
        close(LinkTransport.REPLACED, "replaced by a newer connection");
    }

    void close(int code, String reason) {
        transport.close(code, reason);
    }

    private void closeUnenrolled() {
        if (!closed) {
            close(LinkTransport.POLICY, "no certificate was used in time");
        }
    }

    private static byte[] data(AgentToServer message) {
        CustomMessage custom = message.customMessage();
        return custom == null ? new byte[0] : custom.data().toArray();
    }
}
