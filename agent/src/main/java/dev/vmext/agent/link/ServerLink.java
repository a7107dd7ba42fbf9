package dev.vmext.agent.link;

import dev.vmext.agent.fetch.Download;
import dev.vmext.agent.metrics.Uplink;
import dev.vmext.agent.process.Pause;
import dev.vmext.agent.run.GatewayAccess;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.opamp.ApplyState;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.status.InstallationStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The connection to the control plane, for ever: enrols, connects, comes back. One thread runs {@link #run}; everything else may be
 * called from any thread and only leaves a note for it.
 *
 * <pre>
 *   no identity --token--> enrolling --certificate--> candidate --connected--> current --two thirds of its life--> candidate ...
 *                              ^                          |
 *                              +--------- refused --------+
 * </pre>
 */
public final class ServerLink {
    private static final System.Logger LOG = System.getLogger(ServerLink.class.getName());
    /** A gateway that floods a slow machine is read more slowly. */
    private static final int QUEUE = 256;

    private static final int MAX_CANDIDATE_FAILURES = 5;
    private static final Duration ENROL_ANSWER = Duration.ofSeconds(60);

    private sealed interface Note {
        record Message(Receiving from, Bytes frame) implements Note {}

        record More(Receiving from) implements Note {}

        record Closed(Receiving from, IOException why) implements Note {}

        record Look() implements Note {}

        record Stop() implements Note {}
    }

    /** What a connection is opened for. */
    private enum Role {
        ENROLLING,
        CANDIDATE,
        CURRENT
    }

    /** What the link needs of the world. */
    public record World(InstantSource clock, Pause pause, RandomGenerator random, double stretch) {}

    private final LinkParts parts;
    private final Transport transport;
    private final GatewayChoice choice;
    private final ReconnectPolicy policy;
    private final World world;
    private final Outgoing outgoing;
    private final Download download;
    private final Uplink uplink;
    private final Runnable gatewayFiles;
    private final GatewayAccess access;
    private final BlockingQueue<Note> notes = new LinkedBlockingQueue<>(QUEUE);
    private Duration heartbeat = LinkParts.DEFAULT_HEARTBEAT;
    private boolean stopped;
    private boolean tokenRefused;
    private int candidateFailures;
    private volatile String state = "not connected yet";

    public ServerLink(
            List<String> gateways,
            Digest authority,
            Path identity,
            Path handlers,
            LinkListener listener,
            LinkSources sources,
            World world)
            throws IOException {
        IdentityStore store = new IdentityStore(identity);
        GatewayClients clients = new GatewayClients(authority, world.clock(), world.stretch());
        this.choice = new GatewayChoice(gateways);
        this.outgoing = new Outgoing();
        this.parts = new LinkParts(store, outgoing, listener, sources, world.clock(), freshId(world.random()));
        this.transport =
                new FallbackTransport(new WebSocketTransport(clients), new PollTransport(clients, world.clock()));
        this.policy = new ReconnectPolicy(world.random());
        this.world = world;
        this.download = new GatewayDownload(clients, choice, world.clock(), world.pause(), world.random());
        this.uplink = new GatewayUplink(clients, choice);
        GatewayFiles files = new GatewayFiles(identity, handlers, store, choice);
        this.access = files;
        this.gatewayFiles = () -> files.connected(choice.current(), clients.authority());
    }

    ServerLink(LinkParts parts, Transport transport, GatewayChoice choice, World world, Download download) {
        this.parts = parts;
        this.transport = transport;
        this.choice = choice;
        this.policy = new ReconnectPolicy(world.random());
        this.world = world;
        this.outgoing = parts.outgoing();
        this.download = download;
        this.uplink = zipped -> {
            throw new IOException("this link carries no metrics");
        };
        this.access = GatewayAccess.NONE;
        this.gatewayFiles = () -> {};
    }

    private static UUID freshId(RandomGenerator random) {
        return new UUID(random.nextLong(), random.nextLong());
    }

    /** Adds a custom capability; before {@link #run}. */
    public void add(Topic topic) {
        parts.topics().add(topic);
    }

    /** Some topic has something to say. */
    public void wake() {
        look();
    }

    /** Downloads over the same identity. */
    public Download download() {
        return download;
    }

    /** The way of metrics, over the same identity and beside the control channel. */
    public Uplink uplink() {
        return uplink;
    }

    /** Tells handlers the way to the gateway. */
    public GatewayAccess access() {
        return access;
    }

    /** One line for people. */
    public String describe() {
        return state;
    }

    public void report(InstallationStatus status) {
        outgoing.report(status);
        look();
    }

    public void forget(String installation) {
        outgoing.forget(installation);
    }

    /**
     * What became of an offer.
     *
     * @param error empty unless failed
     */
    public void goalStatus(GoalOffer offer, ApplyState applied, String error) {
        outgoing.goal(offer, applied, error);
        look();
    }

    /** The settings key is there: the control plane may seal for it. */
    public void settingsKey(String certificatePem) {
        outgoing.settingsKey(certificatePem);
        look();
    }

    /** Ends {@link #run} soon. */
    public void stop() {
        note(new Note.Stop());
    }

    private void look() {
        // A note that finds the queue full is not needed: what is in it makes the link look anyway.
        var _ = notes.offer(new Note.Look());
    }

    private void note(Note note) {
        try {
            notes.put(note);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stays connected until {@link #stop}. */
    public void run() throws InterruptedException {
        while (!stopped) {
            Duration wish = null;
            try {
                wish = once();
            } catch (Refusal refused) {
                LOG.log(System.Logger.Level.WARNING, "{0}", refused.getMessage());
                state = "refused: " + refused.getMessage();
                parts.listener().failed(String.valueOf(refused.getMessage()), refused.forGood());
                wish = refused.retryAfter();
                choice.failed();
            } catch (IOException failed) {
                LOG.log(System.Logger.Level.INFO, "{0}", failed.getMessage());
                state = "not connected: " + failed.getMessage();
                parts.listener().failed(String.valueOf(failed.getMessage()), false);
                choice.failed();
            } catch (RuntimeException fault) {
                // A mistake of ours, or a message nobody thought of: a machine without a link could not even be mended.
                LOG.log(System.Logger.Level.ERROR, "The link failed, connecting again", fault);
                state = "not connected: " + fault;
                choice.failed();
            }
            if (!stopped) {
                rest(policy.next(wish));
            }
        }
    }

    /** One connection. Answers how long the gateway wants to be left alone, null when it did not say; zero to come back at once. */
    private @Nullable Duration once() throws IOException, InterruptedException {
        notes.removeIf(
                note -> note instanceof Note.Message || note instanceof Note.More || note instanceof Note.Closed);
        Optional<Identity> candidate = parts.store().candidate();
        if (candidate.isPresent()) {
            return tryCandidate(candidate.get());
        }
        Optional<Identity> current = parts.store().current();
        if (current.isEmpty()) {
            return enrol();
        }
        // A token beside an identity: the owner wants this machine enrolled anew. The old identity serves until that
        // worked.
        if (parts.sources().token().isPresent() && !tokenRefused) {
            try {
                return enrol();
            } catch (Refusal refused) {
                tokenRefused = refused.forGood();
                LOG.log(System.Logger.Level.WARNING, "Keeping the present identity: {0}", refused.getMessage());
            }
        }
        return connected(current.get(), false);
    }

    private @Nullable Duration tryCandidate(Identity candidate) throws IOException, InterruptedException {
        try {
            return connected(candidate, true);
        } catch (Refusal refused) {
            if (refused.forGood()) {
                LOG.log(System.Logger.Level.WARNING, "The new certificate is refused, going back to the one before");
                parts.store().dropCandidate();
                parts.candidateFailed();
            }
            throw refused;
        } catch (IOException failed) {
            // TLS says no without words. The identity before it tells whether it is the network or the certificate.
            if (++candidateFailures >= MAX_CANDIDATE_FAILURES
                    && parts.store().current().isPresent()) {
                candidateFailures = 0;
                parts.store().dropCandidate();
                parts.candidateFailed();
            }
            throw failed;
        }
    }

    private @Nullable Duration enrol() throws IOException, InterruptedException {
        String token = parts.sources()
                .token()
                .orElseThrow(
                        () -> new IOException("this machine is not enrolled and has no token; run the command that "
                                + "\"vmext machine enroll-command\" prints"));
        byte[] csr = CertificateRequestWriter.pem(parts.store().requestKey());
        Receiving receiving = new Receiving();
        Connection connection = transport.open(choice.current(), Optional.empty(), Optional.of(token), receiving);
        state = "enrolling at " + choice.current();
        LOG.log(System.Logger.Level.INFO, "Enrolling at {0}", choice.current());
        Session session = new Session(parts, choice.current(), connection, null, ENROL_ANSWER);
        return converse(session, () -> session.enrol(csr), connection, receiving, Role.ENROLLING);
    }

    private @Nullable Duration connected(Identity identity, boolean candidate)
            throws IOException, InterruptedException {
        Receiving receiving = new Receiving();
        Connection connection = transport.open(choice.current(), Optional.of(identity), Optional.empty(), receiving);
        Session session = new Session(parts, choice.current(), connection, identity, heartbeat);
        return converse(
                session,
                () -> session.introduce(parts.settingsStatus(candidate)),
                connection,
                receiving,
                candidate ? Role.CANDIDATE : Role.CURRENT);
    }

    /** The first message of a conversation. */
    private interface Opening {
        void say() throws IOException;
    }

    private @Nullable Duration converse(
            Session session, Opening opening, Connection connection, Receiving receiving, Role role)
            throws IOException, InterruptedException {
        try {
            opening.say();
            while (true) {
                session.flush();
                Note note = notes.poll(session.untilNext().toMillis() + 1, TimeUnit.MILLISECONDS);
                switch (note) {
                    case null -> {
                        if (session.silent()) {
                            throw new IOException("the gateway has been silent for too long, connecting again");
                        }
                    }
                    case Note.Look _ -> {
                        // flush does it
                    }
                    case Note.Stop _ -> {
                        stopped = true;
                        session.end();
                        return null;
                    }
                    case Note.Closed(Receiving from, IOException why) -> {
                        if (from == receiving) {
                            throw why;
                        }
                    }
                    case Note.More(Receiving from) -> {
                        if (from == receiving) {
                            session.askAgain();
                        }
                    }
                    case Note.Message(Receiving from, Bytes frame) -> {
                        if (from == receiving) {
                            switch (session.heard(frame.toArray())) {
                                case Session.Reaction.GoOn _ -> {
                                    // nothing else to do
                                }
                                case Session.Reaction.Welcome _ -> welcome(role);
                                case Session.Reaction.Reconnect _ -> {
                                    connection.close();
                                    heartbeat = session.heartbeat();
                                    return Duration.ZERO;
                                }
                                case Session.Reaction.Leave(String why, Duration retryAfter) -> {
                                    LOG.log(System.Logger.Level.WARNING, "Leaving: {0}", why);
                                    state = "not connected: " + why;
                                    session.end();
                                    return retryAfter;
                                }
                            }
                        }
                    }
                }
                heartbeat = session.heartbeat();
                if (role == Role.CURRENT && connection.worn()) {
                    LOG.log(System.Logger.Level.INFO, "Trying a WebSocket again");
                    connection.close();
                    return Duration.ZERO;
                }
            }
        } catch (IOException | RuntimeException e) {
            connection.abort();
            throw e;
        }
    }

    private void welcome(Role role) throws IOException {
        if (role == Role.ENROLLING) {
            return; // the certificate is still to come
        }
        if (role == Role.CANDIDATE) {
            parts.store().promote();
            parts.candidateHash(null);
            parts.sources().enrolled();
        }
        candidateFailures = 0;
        policy.succeeded();
        state = "connected to " + choice.current();
        LOG.log(System.Logger.Level.INFO, "Connected to {0}", choice.current());
        gatewayFiles.run();
        parts.listener().connected();
    }

    /** Waits; only a stop ends it early. A clock that is set back meanwhile does not make it longer. */
    private void rest(Duration duration) throws InterruptedException {
        long at = world.clock().millis();
        for (long left = duration.toMillis(); left > 0; ) {
            Note note = notes.poll(left, TimeUnit.MILLISECONDS);
            if (note == null || note instanceof Note.Stop) {
                stopped |= note != null;
                return;
            }
            long now = world.clock().millis();
            left -= Math.max(0, now - at);
            at = now;
        }
    }

    /** Turns the transport's calls for one connection into notes. */
    private final class Receiving implements Transport.Receiver {
        @Override
        public void message(byte[] frame) {
            note(new Note.Message(this, Bytes.of(frame)));
        }

        @Override
        public void more() {
            note(new Note.More(this));
        }

        @Override
        public void closed(IOException why) {
            note(new Note.Closed(this, why));
        }
    }
}
