package dev.vmext.agent.link;

import dev.vmext.agent.seal.Pem;
import dev.vmext.protocol.CapabilityLevel;
import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.link.HealthTree;
import dev.vmext.protocol.link.LogAnswer;
import dev.vmext.protocol.link.LogRequest;
import dev.vmext.protocol.link.MachineFacts;
import dev.vmext.protocol.link.SettingsKey;
import dev.vmext.protocol.link.StatusAck;
import dev.vmext.protocol.opamp.AgentCapabilities;
import dev.vmext.protocol.opamp.AgentDescription;
import dev.vmext.protocol.opamp.AgentDisconnect;
import dev.vmext.protocol.opamp.AgentIdentification;
import dev.vmext.protocol.opamp.AgentToServer;
import dev.vmext.protocol.opamp.ApplyState;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.CertificateRequest;
import dev.vmext.protocol.opamp.ConnectionSettingsOffers;
import dev.vmext.protocol.opamp.ConnectionSettingsRequest;
import dev.vmext.protocol.opamp.ConnectionSettingsStatus;
import dev.vmext.protocol.opamp.CustomCapabilities;
import dev.vmext.protocol.opamp.CustomMessage;
import dev.vmext.protocol.opamp.MalformedMessageException;
import dev.vmext.protocol.opamp.MessageLimits;
import dev.vmext.protocol.opamp.OpampCodec;
import dev.vmext.protocol.opamp.OpampConnectionSettings;
import dev.vmext.protocol.opamp.OpampConnectionSettingsRequest;
import dev.vmext.protocol.opamp.PackageStatuses;
import dev.vmext.protocol.opamp.RetryInfo;
import dev.vmext.protocol.opamp.ServerErrorResponse;
import dev.vmext.protocol.opamp.ServerErrorType;
import dev.vmext.protocol.opamp.ServerToAgent;
import dev.vmext.protocol.opamp.TelemetryConnectionSettings;
import dev.vmext.protocol.opamp.TlsCertificate;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.protocol.status.StatusReportCodec;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One connection from its first message to its last: what is said, and what is done about what is heard. Owned by the link's thread.
 */
final class Session {
    private static final System.Logger LOG = System.getLogger(Session.class.getName());
    private static final OpampCodec CODEC = new OpampCodec(MessageLimits.STANDARD);
    /** How often a gateway that can only answer is asked while something is going on. */
    private static final Duration POLL = Duration.ofSeconds(1);

    /** A certificate that was asked for and did not come is asked for again after this. */
    static final Duration CERTIFICATE_PAUSE = Duration.ofHours(1);

    private static final Duration HEALTH_PAUSE = Duration.ofSeconds(1);
    private static final double SILENCE = 2.5;

    private final LinkParts parts;
    private final String gateway;
    private final Connection connection;
    private final @Nullable Identity identity;
    private Bytes uid;
    private Duration heartbeat;
    private Instant lastSent;
    private Instant lastHeard;
    private Instant healthSent = Instant.EPOCH;
    private boolean welcomed;
    private @Nullable Instant certificateAsked;
    private Bytes answeredSettings = Bytes.EMPTY;
    private @Nullable PackageStatuses packagesTold;
    private Set<String> theirs = Set.of();
    private final Set<String> unannounced = new HashSet<>();
    /** What both understand; a control plane that names none is taken for the oldest. */
    private int level = CapabilityLevel.OLDEST;

    private final OfferedGoal goal = new OfferedGoal();

    /** How a message was taken. */
    sealed interface Reaction {
        record GoOn() implements Reaction {}

        /** The first good answer on this connection. */
        record Welcome() implements Reaction {}

        /** A certificate came and was kept as candidate: connect with it. */
        record Reconnect() implements Reaction {}

        /** Leave, and come back after that time. */
        record Leave(String why, @Nullable Duration retryAfter) implements Reaction {}
    }

    Session(LinkParts parts, String gateway, Connection connection, @Nullable Identity identity, Duration heartbeat) {
        this.parts = parts;
        this.gateway = gateway;
        this.connection = connection;
        this.identity = identity;
        this.heartbeat = heartbeat;
        this.uid = Bytes.ofUuid(identity == null ? UUID.fromString(parts.installId()) : identity.machine());
        this.lastSent = parts.clock().instant();
        this.lastHeard = lastSent;
    }

    /** The first message of an enrolled machine. */
    void introduce(@Nullable ConnectionSettingsStatus settings) throws IOException {
        parts.outgoing().reconnected();
        parts.topics().forEach(Topic::connected);
        send(fullState().connectionSettingsStatus(settings));
    }

    private CustomCapabilities ours() {
        List<String> names =
                new ArrayList<>(List.of(CustomCapability.KEYS, CustomCapability.LOGS, CustomCapability.STATUS));
        parts.topics().forEach(topic -> names.add(topic.capability()));
        return new CustomCapabilities(names);
    }

    private AgentDescription description() {
        return MachineFacts.describe(
                parts.installId(), parts.clockSkew().with(parts.sources().facts()));
    }

    private AgentToServer.Builder fullState() throws IOException {
        Instant now = parts.clock().instant();
        healthSent = now;
        packagesTold = parts.outgoing().packages();
        return message()
                .packageStatuses(packagesTold)
                .agentDescription(description())
                .customCapabilities(ours())
                .health(HealthTree.of(
                        "running", parts.started(), now, parts.outgoing().all()))
                .remoteConfigStatus(parts.outgoing().nextGoalStatus().orElse(null))
                .effectiveConfig(parts.outgoing().effectiveConfig());
    }

    /** The first message of a machine that has only a token. */
    void enrol(byte[] csr) throws IOException {
        certificateAsked = parts.clock().instant();
        send(message()
                .flags(AgentToServer.FLAG_REQUEST_INSTANCE_UID)
                .agentDescription(description())
                .customCapabilities(ours())
                .connectionSettingsRequest(request(csr)));
    }

    private static ConnectionSettingsRequest request(byte[] csr) {
        return new ConnectionSettingsRequest(new OpampConnectionSettingsRequest(new CertificateRequest(Bytes.of(csr))));
    }

    private AgentToServer.Builder message() {
        return AgentToServer.builder(uid)
                .sequenceNum(parts.sequence().incrementAndGet())
                .capabilities(AgentCapabilities.OURS);
    }

    private void send(AgentToServer.Builder message) throws IOException {
        connection.send(CODEC.encodeFrame(message.build()));
        lastSent = parts.clock().instant();
    }

    /** Sends what is due: reports, the settings key, the goal's status, a request for a new certificate, a heartbeat. */
    void flush() throws IOException {
        if (!welcomed || identity == null) {
            return;
        }
        Instant now = now();
        for (Optional<InstallationStatus> report = parts.outgoing().nextReport();
                report.isPresent();
                report = parts.outgoing().nextReport()) {
            AgentToServer.Builder message = message()
                    .customMessage(new CustomMessage(
                            CustomCapability.STATUS,
                            CustomCapability.STATUS_REPORT,
                            Bytes.of(StatusReportCodec.encode(report.get(), level))));
            if (report.get().state().terminal() || !now.isBefore(healthSent.plus(HEALTH_PAUSE))) {
                healthSent = now;
                message.health(HealthTree.of(
                        "running", parts.started(), now, parts.outgoing().all()));
            }
            send(withPackages(message));
        }
        Optional<String> key = parts.outgoing().nextSettingsKey();
        if (key.isPresent()) {
            send(message()
                    .customMessage(new CustomMessage(
                            CustomCapability.KEYS,
                            CustomCapability.KEYS_PUBLISH,
                            Bytes.of(new SettingsKey(key.get()).encode()))));
        }
        var goalStatus = parts.outgoing().nextGoalStatus();
        if (goalStatus.isPresent()) {
            send(withPackages(message()
                    .remoteConfigStatus(goalStatus.get())
                    .effectiveConfig(parts.outgoing().effectiveConfig())));
        }
        for (Topic topic : parts.topics()) {
            if (theirs.contains(topic.capability())) {
                speak(topic);
            }
        }
        if (parts.clockSkew().news()) {
            send(message().agentDescription(description()));
        }
        Instant asked = certificateAsked;
        if ((asked == null || !now.isBefore(asked.plus(CERTIFICATE_PAUSE)))
                && !parts.clockSkew().theirTime().isBefore(identity.renewAt())) {
            certificateAsked = now;
            LOG.log(System.Logger.Level.INFO, "Asking for the next certificate");
            send(message()
                    .connectionSettingsRequest(
                            request(CertificateRequestWriter.pem(parts.store().requestKey()))));
        }
        Duration interval = interval();
        if (!interval.isZero() && !now.isBefore(lastSent.plus(interval))) {
            send(withPackages(message()));
        }
    }

    /** With all packages, if something about them has changed. */
    private AgentToServer.Builder withPackages(AgentToServer.Builder message) {
        PackageStatuses now = parts.outgoing().packages();
        if (!now.equals(packagesTold)) {
            packagesTold = now;
            message.packageStatuses(now);
        }
        return message;
    }

    /** The gateway has more to say, which it can only do when it is asked. */
    void askAgain() throws IOException {
        send(message());
    }

    private Duration interval() {
        boolean soon = connection.polled()
                && (parts.outgoing().awaits() || parts.topics().stream().anyMatch(Topic::busy));
        if (soon) {
            return POLL;
        }
        return connection.polled() && heartbeat.isZero() ? LinkParts.DEFAULT_HEARTBEAT : heartbeat;
    }

    private void speak(Topic topic) throws IOException {
        for (Optional<Topic.Said> said = topic.next(); said.isPresent(); said = topic.next()) {
            send(message()
                    .customMessage(new CustomMessage(
                            topic.capability(), said.get().type(), said.get().data())));
        }
    }

    /** When {@link #flush} or {@link #silent} has something to do at the latest. */
    Duration untilNext() {
        Instant now = now();
        Duration interval = interval();
        Duration beat = interval.isZero() ? Duration.ofMinutes(5) : Duration.between(now, lastSent.plus(interval));
        Duration silence = Duration.between(now, lastHeard.plus(silence()));
        Duration next = beat.compareTo(silence) < 0 ? beat : silence;
        return next.isNegative() ? Duration.ZERO : next;
    }

    private Duration silence() {
        Duration interval = heartbeat.isZero() ? LinkParts.DEFAULT_HEARTBEAT : heartbeat;
        return Duration.ofMillis(Math.round(interval.toMillis() * SILENCE));
    }

    /** Nothing was heard for so long that nobody is there. */
    boolean silent() {
        return !now().isBefore(lastHeard.plus(silence()));
    }

    /** What was said and heard before the clock was set back counts as of now: else nothing is due until the clock has caught up. */
    private Instant now() {
        Instant now = parts.clock().instant();
        lastSent = lastSent.isAfter(now) ? now : lastSent;
        lastHeard = lastHeard.isAfter(now) ? now : lastHeard;
        healthSent = healthSent.isAfter(now) ? now : healthSent;
        certificateAsked = certificateAsked != null && certificateAsked.isAfter(now) ? now : certificateAsked;
        return now;
    }

    Duration heartbeat() {
        return heartbeat;
    }

    Reaction heard(byte[] frame) throws IOException {
        lastHeard = parts.clock().instant();
        ServerToAgent message;
        try {
            message = CODEC.decodeServerToAgentFrame(frame);
        } catch (MalformedMessageException e) {
            return new Reaction.Leave("the gateway sent what is no message: " + e.getMessage(), null);
        }
        ServerErrorResponse error = message.errorResponse();
        if (error != null) {
            return refused(error);
        }
        AgentIdentification named = message.agentIdentification();
        if (named != null && named.newInstanceUid().size() == 16) {
            uid = named.newInstanceUid();
        }
        ConnectionSettingsOffers offers = message.connectionSettings();
        if (offers != null) {
            OpampConnectionSettings settings = offers.opamp();
            TlsCertificate certificate = settings == null ? null : settings.certificate();
            if (settings != null && certificate != null && !certificate.cert().isEmpty() && certificateAsked != null) {
                heartbeat = SettingsOffer.heartbeat(settings);
                keepCertificate(offers.hash(), certificate);
                return new Reaction.Reconnect();
            }
            offered(offers);
        }
        CustomCapabilities announced = message.customCapabilities();
        if (announced != null) {
            theirs = Set.copyOf(announced.capabilities());
            level = CapabilityLevel.agreed(
                    CapabilityLevel.find(announced.capabilities()).orElse(CapabilityLevel.OLDEST));
        }
        if ((message.flags() & ServerToAgent.FLAG_REPORT_FULL_STATE) != 0 && identity != null) {
            send(fullState());
        }
        CustomMessage custom = message.customMessage();
        if (custom != null) {
            custom(custom);
        }
        goal.heard(message).ifPresent(parts.listener()::goal);
        if (!welcomed) {
            welcomed = true;
            return new Reaction.Welcome();
        }
        return new Reaction.GoOn();
    }

    private Reaction refused(ServerErrorResponse error) {
        RetryInfo retry = error.retryInfo();
        Duration wish = retry == null ? null : Duration.ofNanos(Math.max(0, retry.retryAfterNanoseconds()));
        if (error.type() == ServerErrorType.UNAVAILABLE) {
            return new Reaction.Leave("the gateway is busy: " + error.errorMessage(), wish);
        }
        if (!welcomed || identity == null) {
            return new Reaction.Leave("the gateway refuses: " + error.errorMessage(), wish);
        }
        LOG.log(System.Logger.Level.WARNING, "The gateway refused a message, going on: {0}", error.errorMessage());
        return new Reaction.GoOn();
    }

    /** Settings that nobody asked for; what is refused leaves what was before. */
    private void offered(ConnectionSettingsOffers offers) throws IOException {
        OpampConnectionSettings settings = offers.opamp();
        TelemetryConnectionSettings metrics = offers.ownMetrics();
        if (settings == null && metrics == null) {
            return;
        }
        Optional<String> refusal = settings == null ? Optional.empty() : SettingsOffer.refusal(settings, gateway);
        if (settings != null && refusal.isEmpty()) {
            heartbeat = SettingsOffer.heartbeat(settings);
        }
        Optional<String> metricsRefusal = metrics == null ? Optional.empty() : SettingsOffer.refusal(metrics, gateway);
        if (metrics != null && metricsRefusal.isEmpty() && identity != null) {
            parts.listener().metricsOffered(SettingsOffer.takesMetrics(metrics));
        }
        Optional<String> refused = refusal.or(() -> metricsRefusal);
        if (identity != null && !offers.hash().equals(answeredSettings)) {
            answeredSettings = offers.hash();
            refused.ifPresent(why -> LOG.log(System.Logger.Level.WARNING, "Refusing connection settings: {0}", why));
            send(message()
                    .connectionSettingsStatus(new ConnectionSettingsStatus(
                            offers.hash(),
                            refused.isEmpty() ? ApplyState.APPLIED : ApplyState.FAILED,
                            refused.orElse(""))));
        }
    }

    private void keepCertificate(Bytes hash, TlsCertificate certificate) throws IOException {
        Identity issued = Identity.of(
                parts.store().requestKey().getPrivate(),
                Pem.read("CERTIFICATE", certificate.cert().toArray()));
        parts.store().keepCandidate(issued);
        parts.candidateHash(hash);
        LOG.log(System.Logger.Level.INFO, "Got a certificate for machine {0}, connecting with it", issued.machine());
        send(message()
                .connectionSettingsStatus(new ConnectionSettingsStatus(hash, ApplyState.APPLYING, ""))
                .agentDisconnect(AgentDisconnect.INSTANCE));
    }

    private void custom(CustomMessage custom) throws IOException {
        try {
            for (Topic topic : parts.topics()) {
                if (topic.capability().equals(custom.capability())) {
                    if (!theirs.contains(topic.capability())) {
                        unannounced(topic.capability());
                        return;
                    }
                    topic.heard(custom.type(), custom.data().toArray());
                    return;
                }
            }
            switch (custom.capability() + " " + custom.type()) {
                case CustomCapability.STATUS + " " + CustomCapability.STATUS_ACK -> {
                    StatusAck ack = StatusAck.decode(custom.data().toArray());
                    parts.outgoing().acknowledged(ack.name(), ack.at());
                }
                case CustomCapability.STATUS + " " + CustomCapability.STATUS_REQUEST -> {
                    parts.outgoing().sendAllAgain();
                    parts.listener().statusesWanted();
                }
                case CustomCapability.LOGS + " " + CustomCapability.LOGS_REQUEST -> {
                    LogRequest request = LogRequest.decode(custom.data().toArray());
                    LinkSources.LogTail tail = parts.sources().log(request.tail());
                    send(message()
                            .customMessage(new CustomMessage(
                                    CustomCapability.LOGS,
                                    CustomCapability.LOGS_TEXT,
                                    Bytes.of(new LogAnswer(request.id(), tail.text(), tail.truncated()).encode()))));
                }
                default ->
                    LOG.log(
                            System.Logger.Level.DEBUG,
                            "Ignoring message {0} of {1}",
                            custom.type(),
                            custom.capability());
            }
        } catch (ProblemException e) {
            LOG.log(System.Logger.Level.WARNING, "Ignoring a message of {0}: {1}", custom.capability(), e.detail());
        }
    }

    /** It would never be asked for its answers, which would pile up. Said once: who errs here does so with every message. */
    private void unannounced(String capability) {
        if (unannounced.add(capability)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Dropping messages of {0}: the gateway sends them and did not announce that it understands answers",
                    capability);
        }
    }

    /** Says goodbye and leaves. */
    void end() {
        try {
            if (identity != null && welcomed) {
                send(message().agentDisconnect(AgentDisconnect.INSTANCE));
            }
        } catch (IOException alreadyGone) {
            LOG.log(System.Logger.Level.DEBUG, "No goodbye, the connection is gone: {0}", alreadyGone.getMessage());
        }
        connection.close();
    }
}
