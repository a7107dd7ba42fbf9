package dev.vmext.server.gateway;

import dev.vmext.fleet.Fleet;
import dev.vmext.protocol.opamp.MessageLimits;
import dev.vmext.protocol.opamp.OpampCodec;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.blob.BlobStore;
import dev.vmext.server.ca.CertificateAuthority;
import dev.vmext.server.ca.GatewayCertificate;
import dev.vmext.server.ca.GatewayTls;
import dev.vmext.server.command.CommandOutputs;
import dev.vmext.server.metrics.MetricIntake;
import dev.vmext.server.repository.RepositoryFiles;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;

/**
 * The listener that agents connect to, with everything behind it. Made, started and stopped by the wiring; it owns its connector's
 * threads, the status writer, the timer and the workers that push goals.
 */
public final class AgentGateway {
    private static final Logger LOG = System.getLogger(AgentGateway.class.getName());
    private static final Duration GOODBYE = Duration.ofSeconds(2);
    private static final Duration ANNOUNCE = Duration.ofMillis(100);
    private static final Duration SILENT = Duration.ofSeconds(2);
    private static final Duration EXPIRE = Duration.ofSeconds(5);
    private static final Duration SAVE_SEEN = Duration.ofSeconds(60);
    /** Goals compiled at a time: more would only wait for the store. */
    private static final int PUSHES = 16;

    private final GatewaySettings settings;
    private final Fleet fleet;
    private final AgentSessions sessions;
    private final StatusWriter statuses;
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("gateway-timer").factory());
    private final PolledLinks polls;
    private final AtomicBoolean announcing = new AtomicBoolean();
    private final Server server;
    private final ServerConnector connector;
    private volatile boolean stopping;

    public AgentGateway(
            GatewaySettings settings,
            Fleet fleet,
            BlobStore blobs,
            CertificateAuthority authority,
            GatewayCertificate certificate,
            AgentSessions sessions,
            CommandOutputs outputs,
            MetricIntake metrics,
            RepositoryFiles repositories,
            InstantSource clock,
            SecureRandom random) {
        this.settings = settings;
        this.fleet = fleet;
        this.sessions = sessions;
        this.statuses = new StatusWriter(fleet, settings.limits().unstored());
        Semaphore pushing = new Semaphore(PUSHES);
        SessionParts parts = new SessionParts(
                fleet,
                authority,
                new Gatekeeper(fleet, clock),
                sessions,
                statuses,
                outputs,
                clock,
                settings,
                task -> workers.execute(() -> bounded(pushing, task)),
                workers,
                timer);
        QueuedThreadPool threads = new QueuedThreadPool();
        threads.setName("gateway");
        threads.setVirtualThreadsExecutor(workers);
        this.server = new Server(threads);
        this.connector = connector(authority, certificate, clock, random);
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(settings.limits().connections(), connector));
        ServerWebSocketContainer webSockets = ServerWebSocketContainer.ensure(server);
        webSockets.setMaxBinaryMessageSize(settings.limits().messageBytes() + 1L);
        OpampCodec codec = new OpampCodec(new MessageLimits(
                settings.limits().messageBytes(),
                MessageLimits.STANDARD.maxDepth(),
                MessageLimits.STANDARD.maxEntries()));
        // What Jetty refuses by itself, such as a malformed request line, needs no page.
        server.setErrorHandler((request, response, callback) -> {
            response.write(true, ByteBuffer.allocate(0), callback);
            return true;
        });
        this.polls = new PolledLinks(parts, codec);
        server.setHandler(new GatewayHandler(
                parts,
                blobs,
                webSockets,
                codec,
                polls,
                new MetricsPost(metrics),
                new RepositoryExchange(fleet, repositories)));
    }

    public void start() {
        fleet.onCommit((machineIds, events) -> sessions.goalsChanged(machineIds));
        sessions.onCameOrWent(this::announceSoon);
        statuses.start();
        var _ = timer.scheduleWithFixedDelay(
                () -> workers.execute(this::saveSeen), SAVE_SEEN.toSeconds(), SAVE_SEEN.toSeconds(), TimeUnit.SECONDS);
        var _ = timer.scheduleWithFixedDelay(
                () -> workers.execute(polls::dropSilent), SILENT.toSeconds(), SILENT.toSeconds(), TimeUnit.SECONDS);
        var _ = timer.scheduleWithFixedDelay(
                () -> workers.execute(this::expire), EXPIRE.toSeconds(), EXPIRE.toSeconds(), TimeUnit.SECONDS);
        try {
            server.start();
        } catch (Exception e) {
            stop();
            if (e.getCause() instanceof BindException bind) {
                throw new ProblemException(
                        ProblemCode.PORT_IN_USE,
                        "cannot listen for agents on " + settings.host() + ":" + settings.port() + ": "
                                + bind.getMessage(),
                        "stop the program that uses the port, or set another one for the gateway in server.json",
                        e);
            }
            throw new IllegalStateException("the gateway does not start", e);
        }
    }

    /** The port in use; differs from the settings when those asked for any. */
    public int port() {
        return connector.getLocalPort();
    }

    /** Takes no new links, ends the open ones, and stores what was already received. */
    public void stop() {
        stopping = true;
        sayGoodbye();
        try {
            server.stop();
        } catch (Exception e) {
            LOG.log(Level.WARNING, "the gateway did not stop cleanly; its connections end with the process", e);
        }
        statuses.stop();
        timer.shutdownNow();
        workers.shutdown();
        saveSeen();
    }

    /** Gives agents a moment to answer, so that they see a server that stops and not a broken connection. */
    private void sayGoodbye() {
        Collection<AgentSession> open = sessions.open();
        open.forEach(session -> session.close(LinkTransport.GOING_AWAY, "the control plane stops"));
        try {
            CompletableFuture.allOf(open.stream().map(AgentSession::ended).toArray(CompletableFuture[]::new))
                    .get(GOODBYE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.log(Level.INFO, "some agents did not answer the goodbye; their connections are cut");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Many come at once after a restart: watchers are told once for all of them. */
    private void announceSoon() {
        if (!stopping && announcing.compareAndSet(false, true)) {
            var _ = timer.schedule(() -> workers.execute(this::announce), ANNOUNCE.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void announce() {
        announcing.set(false);
        List<String> machineIds = sessions.takeCameOrWent();
        try {
            fleet.livenessChanged(machineIds);
        } catch (RuntimeException e) {
            // These beats run on a worker of their own, and a beat that fails must not be the last one.
            LOG.log(Level.WARNING, "cannot tell watchers who came or went; they see it when they look again", e);
        }
    }

    private void saveSeen() {
        Map<String, Instant> seen = sessions.takeUnsaved();
        if (seen.isEmpty()) {
            return;
        }
        try {
            fleet.lastSeen(seen);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "cannot save when machines were last seen; the next time counts", e);
        }
    }

    private void expire() {
        try {
            fleet.expireCommands();
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "cannot give up commands that waited too long; trying again", e);
        }
        try {
            fleet.ageFindings();
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "cannot resolve findings that are too old; trying again", e);
        }
    }

    private static void bounded(Semaphore limit, Runnable task) {
        limit.acquireUninterruptibly();
        try {
            task.run();
        } finally {
            limit.release();
        }
    }

    private ServerConnector connector(
            CertificateAuthority authority, GatewayCertificate certificate, InstantSource clock, SecureRandom random) {
        SslContextFactory.Server tls = new SslContextFactory.Server();
        tls.setSslContext(GatewayTls.context(authority, certificate, random));
        tls.setIncludeProtocols("TLSv1.3", "TLSv1.2");
        tls.setWantClientAuth(true);
        tls.setSniRequired(false);
        tls.setRenegotiationAllowed(false);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        // Agents know the gateway by address or name; the certificate that matters is theirs.
        http.addCustomizer(new SecureRequestCustomizer(false));
        ServerConnector made = new GatewayConnector(
                server,
                new HandshakeLimit(settings.limits().burst(), settings.limits().perSecond(), clock),
                new SslConnectionFactory(tls, HttpVersion.HTTP_1_1.asString()),
                new HttpConnectionFactory(http));
        made.setHost(settings.host());
        made.setPort(settings.port());
        made.setIdleTimeout(settings.limits().handshake().toMillis());
        return made;
    }
}
