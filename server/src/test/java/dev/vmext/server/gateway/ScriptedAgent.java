package dev.vmext.server.gateway;

import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.GoalStateCodec;
import dev.vmext.protocol.link.MachineFacts;
import dev.vmext.protocol.opamp.AgentCapabilities;
import dev.vmext.protocol.opamp.AgentDisconnect;
import dev.vmext.protocol.opamp.AgentRemoteConfig;
import dev.vmext.protocol.opamp.AgentToServer;
import dev.vmext.protocol.opamp.ApplyState;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.CertificateRequest;
import dev.vmext.protocol.opamp.ConnectionSettingsOffers;
import dev.vmext.protocol.opamp.ConnectionSettingsRequest;
import dev.vmext.protocol.opamp.CustomCapabilities;
import dev.vmext.protocol.opamp.CustomMessage;
import dev.vmext.protocol.opamp.MessageLimits;
import dev.vmext.protocol.opamp.OpampCodec;
import dev.vmext.protocol.opamp.OpampConnectionSettingsRequest;
import dev.vmext.protocol.opamp.RemoteConfigStatus;
import dev.vmext.protocol.opamp.ServerToAgent;
import dev.vmext.protocol.opamp.TlsCertificate;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.protocol.status.StatusReportCodec;
import dev.vmext.server.ca.MachineKeys;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** The other end of the link, doing exactly what a test says. One test's thread. */
final class ScriptedAgent implements AutoCloseable {
    private static final OpampCodec CODEC = new OpampCodec(MessageLimits.STANDARD);
    private static final long PATIENCE_SECONDS = 60;

    private final GatewayFixture fixture;
    private final KeyPair keys;
    private Bytes uid = Bytes.ofUuid(new UUID(1, 2));
    private long sequence;
    private @Nullable X509Certificate certificate;
    private @Nullable HttpClient client;
    private @Nullable WebSocket socket;
    private @Nullable String bearer;
    private BlockingQueue<ServerToAgent> received = new LinkedBlockingQueue<>();
    private CompletableFuture<Integer> closeCode = new CompletableFuture<>();
    private CompletableFuture<String> pong = new CompletableFuture<>();

    ScriptedAgent(GatewayFixture fixture, KeyPair keys) {
        this.fixture = fixture;
        this.keys = keys;
    }

    void instanceUid(UUID id) {
        uid = Bytes.ofUuid(id);
    }

    Bytes uid() {
        return uid;
    }

    KeyPair keys() {
        return keys;
    }

    X509Certificate certificate() {
        return Objects.requireNonNull(certificate);
    }

    void certificate(X509Certificate certificate) {
        this.certificate = certificate;
    }

    void connectWithToken(String token) throws Exception {
        bearer = token;
        HttpClient made = client(false);
        open(made, made.newWebSocketBuilder().header("Authorization", "Bearer " + token));
    }

    void connectWithCertificate() throws Exception {
        bearer = null;
        HttpClient made = client(true);
        open(made, made.newWebSocketBuilder());
    }

    void connectWithNothing() throws Exception {
        HttpClient made = client(false);
        open(made, made.newWebSocketBuilder());
    }

    /** The problem code with which the gateway refuses the upgrade; null when it does not, or the handshake fails. */
    static String refusal(ThrowingConnect connect) throws Exception {
        try {
            connect.run();
            return "connected";
        } catch (ExecutionException e) {
            if (e.getCause() instanceof WebSocketHandshakeException handshake) {
                HttpResponse<?> response = handshake.getResponse();
                return response.statusCode() + " "
                        + response.headers()
                                .firstValue(GatewayHandler.PROBLEM_HEADER)
                                .orElse("");
            }
            return "no connection";
        }
    }

    /** Some way to connect. */
    interface ThrowingConnect {
        void run() throws Exception;
    }

    private void open(HttpClient made, WebSocket.Builder builder) throws Exception {
        client = made;
        if (fixture.polling) {
            received = new LinkedBlockingQueue<>();
            return;
        }
        received = new LinkedBlockingQueue<>();
        closeCode = new CompletableFuture<>();
        pong = new CompletableFuture<>();
        socket = builder.buildAsync(
                        URI.create("wss://localhost:" + fixture.gateway.port() + "/v1/opamp"),
                        new Frames(received, closeCode, pong))
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    AgentToServer.Builder message() {
        return AgentToServer.builder(uid).sequenceNum(++sequence).capabilities(AgentCapabilities.OURS);
    }

    /** Leaves out a number, as if a message was lost. */
    void skipSequence() {
        sequence++;
    }

    void send(AgentToServer.Builder message) throws Exception {
        sendBytes(CODEC.encodeFrame(message.build()));
    }

    void sendBytes(byte[] frame) throws Exception {
        if (fixture.polling) {
            poll(Arrays.copyOfRange(frame, 1, frame.length));
            return;
        }
        socket().sendBinary(ByteBuffer.wrap(frame), true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private void poll(byte[] message) throws Exception {
        HttpResponse<byte[]> response = post(message);
        if (response.statusCode() != 200) {
            throw new IOException("the gateway answers " + response.statusCode());
        }
        split(CODEC.decodeServerToAgent(response.body())).forEach(received::add);
        if (response.headers().firstValue(PolledLinks.MORE_HEADER).isPresent()) {
            poll(CODEC.encode(message().build()));
        }
    }

    /** A reply to a poll carries all there is to say; over a WebSocket the same comes one after the other. */
    private static List<ServerToAgent> split(ServerToAgent all) {
        List<ServerToAgent> parts = new ArrayList<>();
        boolean greeting = all.capabilities() != 0;
        parts.add(new ServerToAgent(
                all.instanceUid(),
                all.errorResponse(),
                null,
                all.connectionSettings(),
                null,
                all.flags(),
                all.capabilities(),
                all.agentIdentification(),
                all.command(),
                all.customCapabilities(),
                greeting ? null : all.customMessage()));
        if (greeting && all.customMessage() != null) {
            parts.add(ServerToAgent.builder(all.instanceUid())
                    .customMessage(all.customMessage())
                    .build());
        }
        if (all.remoteConfig() != null) {
            parts.add(ServerToAgent.builder(all.instanceUid())
                    .remoteConfig(all.remoteConfig())
                    .packagesAvailable(all.packagesAvailable())
                    .build());
        }
        return parts;
    }

    /** What the gateway says to a body sent to this address, with the certificate this agent has, if it has one. */
    HttpResponse<byte[]> post(String path, byte[] body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("https://localhost:" + fixture.gateway.port() + path))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try (HttpClient once = client(certificate != null)) {
            return once.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        }
    }

    /** Any method, with the certificate this agent has, if it has one; the path is sent as it is. */
    HttpResponse<byte[]> send(String method, String path, byte @Nullable [] body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("https://localhost:" + fixture.gateway.port() + path))
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try (HttpClient once = client(certificate != null)) {
            return once.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        }
    }

    /** One poll as it is, with these header fields besides. */
    HttpResponse<byte[]> post(byte[] message, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("https://localhost:" + fixture.gateway.port() + "/v1/opamp"))
                .header("Content-Type", PolledLinks.MEDIA_TYPE)
                .POST(HttpRequest.BodyPublishers.ofByteArray(message));
        if (headers.length > 0) {
            request.headers(headers);
        }
        if (bearer != null) {
            request.header("Authorization", "Bearer " + bearer);
        }
        return Objects.requireNonNull(client, "connect first")
                .send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    /** The answer to a WebSocket ping. */
    String ping(String text) throws Exception {
        socket().sendPing(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)))
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return pong.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    void sendText(String text) throws Exception {
        socket().sendText(text, true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private WebSocket socket() {
        return Objects.requireNonNull(socket, "connect first");
    }

    ServerToAgent next() throws Exception {
        for (int i = 0; fixture.polling && received.isEmpty() && i < 2000; i++) {
            poll(CODEC.encode(message().build()));
            received.removeIf(answer ->
                    answer.equals(ServerToAgent.builder(answer.instanceUid()).build()));
        }
        ServerToAgent message = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return Objects.requireNonNull(message, "the gateway sent nothing in time");
    }

    /** Passes over messages until one has this part. */
    <P> P next(Function<ServerToAgent, @Nullable P> wanted) throws Exception {
        while (true) {
            P part = wanted.apply(next());
            if (part != null) {
                return part;
            }
        }
    }

    ServerToAgent ask(AgentToServer.Builder message) throws Exception {
        send(message);
        return next();
    }

    boolean nothingReceived() {
        return received.isEmpty();
    }

    int closeCode() throws Exception {
        return closeCode.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Asks for a certificate and keeps it. */
    ServerToAgent requestCertificate() throws Exception {
        ServerToAgent answer = ask(certificateRequest(MachineKeys.request(keys, "CN=anything")));
        if (answer.connectionSettings() != null) {
            certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(
                            offered(answer.connectionSettings()).cert().toArray()));
        }
        return answer;
    }

    static TlsCertificate offered(ConnectionSettingsOffers offer) {
        return Objects.requireNonNull(Objects.requireNonNull(offer.opamp()).certificate());
    }

    AgentToServer.Builder certificateRequest(byte[] csr) {
        return message()
                .connectionSettingsRequest(new ConnectionSettingsRequest(
                        new OpampConnectionSettingsRequest(new CertificateRequest(Bytes.of(csr)))));
    }

    /** The first message of a link: who and what the agent is. */
    ServerToAgent introduce() throws Exception {
        return ask(introduction(Map.of("os", "linux", "distro", "debian", "osVersion", "12", "arch", "amd64")));
    }

    AgentToServer.Builder introduction(Map<String, String> facts) {
        return message()
                .agentDescription(MachineFacts.describe("install-1", facts))
                .customCapabilities(new CustomCapabilities(
                        List.of(CustomCapability.STATUS, CustomCapability.KEYS, CustomCapability.LOGS)));
    }

    /** Waits for a goal of at least this generation and says that it has it. */
    GoalState takeGoal(long generation) throws Exception {
        while (true) {
            ServerToAgent message = next();
            AgentRemoteConfig config = message.remoteConfig();
            if (config == null) {
                continue;
            }
            GoalState goal = GoalStateCodec.decode(config, message.packagesAvailable());
            if (goal.generation() >= generation) {
                send(message()
                        .remoteConfigStatus(new RemoteConfigStatus(config.configHash(), ApplyState.APPLYING, "")));
                return goal;
            }
        }
    }

    AgentToServer.Builder report(InstallationStatus status) {
        return message()
                .customMessage(new CustomMessage(
                        CustomCapability.STATUS,
                        CustomCapability.STATUS_REPORT,
                        Bytes.of(StatusReportCodec.encode(status))));
    }

    HttpResponse<byte[]> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("https://localhost:" + fixture.gateway.port() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try (HttpClient once = client(certificate != null)) {
            return once.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        }
    }

    void disconnect() throws Exception {
        if (fixture.polling) {
            post(CODEC.encode(
                    message().agentDisconnect(AgentDisconnect.INSTANCE).build()));
            close();
            return;
        }
        socket().sendClose(WebSocket.NORMAL_CLOSURE, "").get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        closeCode();
        close();
    }

    /** As a power cut would. */
    @Override
    public void close() {
        if (client != null) {
            client.shutdownNow();
        }
    }

    private HttpClient client(boolean withCertificate) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", fixture.authority.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        @Nullable KeyManager @Nullable [] own = null;
        if (withCertificate) {
            own = new KeyManager[] {new OneKey(keys.getPrivate(), certificate())};
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own, trust.getTrustManagers(), null);
        return HttpClient.newBuilder()
                .sslContext(context)
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    /** Shows its certificate to everybody, also to a server that asks for one of another authority. */
    private static final class OneKey extends X509ExtendedKeyManager {
        private static final String ALIAS = "machine";
        private final PrivateKey key;
        private final X509Certificate certificate;

        OneKey(PrivateKey key, X509Certificate certificate) {
            this.key = key;
            this.certificate = certificate;
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return new String[] {ALIAS};
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return ALIAS;
        }

        @Override
        public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
            return ALIAS;
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            throw new IllegalStateException("an agent is no server");
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {certificate};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key;
        }
    }

    /** Puts whole messages into a queue. */
    private static final class Frames implements WebSocket.Listener {
        private final BlockingQueue<ServerToAgent> received;
        private final CompletableFuture<Integer> closeCode;
        private final CompletableFuture<String> pong;
        private final ByteArrayOutputStream part = new ByteArrayOutputStream();

        Frames(
                BlockingQueue<ServerToAgent> received,
                CompletableFuture<Integer> closeCode,
                CompletableFuture<String> pong) {
            this.received = received;
            this.closeCode = closeCode;
            this.pong = pong;
        }

        @Override
        public @Nullable CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
            pong.complete(StandardCharsets.UTF_8.decode(message).toString());
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            part.writeBytes(bytes);
            if (last) {
                received.add(CODEC.decodeServerToAgentFrame(part.toByteArray()));
                part.reset();
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closeCode.complete(code);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            closeCode.complete(-1);
        }
    }
}
