package dev.vmext.systemtests.trust;

import dev.vmext.agent.train.LoopbackAuthority;
import dev.vmext.protocol.CapabilityLevel;
import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.GoalStateCodec;
import dev.vmext.protocol.link.SettingsKey;
import dev.vmext.protocol.link.StatusAck;
import dev.vmext.protocol.opamp.AgentIdentification;
import dev.vmext.protocol.opamp.AgentToServer;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.ConnectionSettingsOffers;
import dev.vmext.protocol.opamp.ConnectionSettingsRequest;
import dev.vmext.protocol.opamp.CustomCapabilities;
import dev.vmext.protocol.opamp.CustomMessage;
import dev.vmext.protocol.opamp.MessageLimits;
import dev.vmext.protocol.opamp.OpampCodec;
import dev.vmext.protocol.opamp.OpampConnectionSettings;
import dev.vmext.protocol.opamp.ServerCapabilities;
import dev.vmext.protocol.opamp.ServerToAgent;
import dev.vmext.protocol.opamp.TlsCertificate;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.protocol.status.StatusReportCodec;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A control plane that obeys its test: enrols any token, pushes any goal and any message, and serves any bytes for a package. Knows the
 * protocol and nothing of the real server. Thread-safe; closing ends every connection.
 */
public final class HostileGateway implements AutoCloseable {
    public static final UUID MACHINE = UUID.fromString("11111111-2222-4333-8444-555555555555");

    private static final OpampCodec CODEC = new OpampCodec(MessageLimits.STANDARD);
    private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /** How a package is answered. */
    public interface Served {
        void answer(OutputStream out) throws IOException;
    }

    public final LoopbackAuthority authority;
    private final SSLServerSocket server;
    private final Map<String, Served> packages = new ConcurrentHashMap<>();
    private final Map<String, List<InstallationStatus>> statuses = new ConcurrentHashMap<>();
    private final List<AgentToServer> heard = new CopyOnWriteArrayList<>();
    private final List<String> requested = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile GoalState goal = GoalState.EMPTY;
    private volatile @Nullable OutputStream current;
    private volatile @Nullable String refusal;
    private volatile @Nullable String settingsKey;
    private volatile long busySeconds;
    private final List<Long> turnedAway = new CopyOnWriteArrayList<>();

    public HostileGateway() throws IOException, GeneralSecurityException {
        this(new LoopbackAuthority(Instant.now(), new SecureRandom()));
    }

    public HostileGateway(LoopbackAuthority authority) throws IOException, GeneralSecurityException {
        this.authority = authority;
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry("gateway", authority.serverPair().getPrivate(), new char[0], new Certificate[] {
            authority.serverCertificate(), authority.certificate()
        });
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), new TrustManager[] {new Anybody()}, null);
        this.server = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 64, InetAddress.ofLiteral("127.0.0.1"));
        server.setWantClientAuth(true);
        Thread.ofVirtual().start(this::accept);
    }

    public String address() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /** From now on this path is answered so. */
    public void serve(String hex, Served how) {
        packages.put(hex, how);
    }

    /** Serves bytes as an honest gateway does. */
    public void serve(String hex, byte[] content) {
        serve(hex, out -> {
            out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + content.length + "\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.write(content);
        });
    }

    public static void status(OutputStream out, int code) throws IOException {
        out.write(("HTTP/1.1 " + code + " No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    }

    /** Every upgrade is refused with 401 and this problem from now on; null to accept. */
    public void refuse(@Nullable String problemJson) {
        refusal = problemJson;
    }

    /** Everybody who comes is asked to come back after that many seconds; 0 to let them in again. */
    public void busy(long seconds) {
        busySeconds = seconds;
    }

    /** When somebody was asked to come back, {@link System#nanoTime()}. */
    public List<Long> turnedAway() {
        return turnedAway;
    }

    /** What every machine that connects is told, and the one that is connected now. */
    public void push(GoalState wanted) throws IOException {
        goal = wanted;
        GoalOffer offer = GoalStateCodec.encode(wanted);
        say(ServerToAgent.builder(Bytes.ofUuid(MACHINE))
                .remoteConfig(offer.remoteConfig())
                .packagesAvailable(offer.packagesAvailable())
                .build());
    }

    /** Says anything to the machine that is connected. */
    public void say(ServerToAgent message) throws IOException {
        OutputStream out = current;
        if (out != null) {
            send(out, CODEC.encodeFrame(message));
        }
    }

    /** Says bytes that need be no message. */
    public void sayRaw(byte[] frame) throws IOException {
        OutputStream out = current;
        if (out != null) {
            send(out, frame);
        }
    }

    public boolean connected() {
        return current != null;
    }

    /** All statuses of an installation, in order. */
    public List<InstallationStatus> statuses(String installation) {
        return List.copyOf(statuses.getOrDefault(installation, List.of()));
    }

    public @Nullable InstallationStatus last(String installation) {
        List<InstallationStatus> all = statuses(installation);
        return all.isEmpty() ? null : all.getLast();
    }

    /** Everything that was said to this gateway. */
    public List<AgentToServer> heard() {
        return heard;
    }

    /** Paths that were asked for with GET. */
    public List<String> requested() {
        return requested;
    }

    /** The certificate that protected settings are sealed for, PEM. */
    public @Nullable String settingsKey() {
        return settingsKey;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket connection = server.accept();
                sockets.add(connection);
                Thread.ofVirtual().start(() -> serve(connection));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            String request = line(in);
            String key = null;
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                if (line.toLowerCase(Locale.ROOT).startsWith("sec-websocket-key:")) {
                    key = line.substring(line.indexOf(':') + 1).strip();
                }
            }
            String path = request.split(" ", -1)[1];
            String refused = refusal;
            if (path.startsWith("/v1/packages/")) {
                requested.add(path);
                Served served = packages.get(path.substring(path.lastIndexOf('/') + 1));
                if (served == null) {
                    status(out, 404);
                } else {
                    served.answer(out);
                }
                out.flush();
            } else if (busySeconds > 0) {
                turnedAway.add(System.nanoTime());
                out.write(("HTTP/1.1 503 Busy\r\nRetry-After: " + busySeconds
                                + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                out.flush();
            } else if (refused != null) {
                byte[] body = refused.getBytes(StandardCharsets.UTF_8);
                out.write(("HTTP/1.1 401 Unauthorized\r\nContent-Length: " + body.length
                                + "\r\nConnection: close\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                out.write(body);
                out.flush();
            } else if (key != null) {
                byte[] accept =
                        MessageDigest.getInstance("SHA-1").digest((key + MAGIC).getBytes(StandardCharsets.US_ASCII));
                out.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                + "Sec-WebSocket-Accept: " + Base64.getEncoder().encodeToString(accept) + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                out.flush();
                converse(in, out);
            } else {
                status(out, 426);
            }
        } catch (IOException | GeneralSecurityException ended) {
            // The agent went away, or the test wanted that.
            return;
        }
    }

    private void converse(DataInputStream in, OutputStream out) throws IOException, GeneralSecurityException {
        try {
            while (true) {
                int opcode = in.readUnsignedByte() & 0x0f;
                byte[] payload = payload(in);
                if (opcode == 8) {
                    return;
                }
                if (opcode == 2) {
                    AgentToServer message = CODEC.decodeAgentToServerFrame(payload);
                    heard.add(message);
                    send(out, CODEC.encodeFrame(answer(message, out)));
                }
            }
        } finally {
            if (Objects.equals(current, out)) {
                current = null;
            }
        }
    }

    private ServerToAgent answer(AgentToServer message, OutputStream out) throws IOException, GeneralSecurityException {
        ServerToAgent.Builder reply =
                ServerToAgent.builder(message.instanceUid()).capabilities(ServerCapabilities.OURS);
        ConnectionSettingsRequest request = message.connectionSettingsRequest();
        if (request != null && request.opamp() != null && request.opamp().certificateRequest() != null) {
            String issued = authority.issueMachine(
                    MACHINE, request.opamp().certificateRequest().csr().toArray());
            return reply.agentIdentification(new AgentIdentification(Bytes.ofUuid(MACHINE)))
                    .connectionSettings(new ConnectionSettingsOffers(
                            Bytes.ofUtf8("settings"),
                            new OpampConnectionSettings(
                                    "",
                                    null,
                                    new TlsCertificate(Bytes.ofUtf8(issued), Bytes.EMPTY, Bytes.ofUtf8(authorityPem())),
                                    30,
                                    null,
                                    null),
                            null,
                            null,
                            null,
                            Map.of()))
                    .build();
        }
        if (message.agentDescription() != null) {
            current = out;
            // What it does not announce would not even be looked at.
            reply.customCapabilities(new CustomCapabilities(List.of(
                    CapabilityLevel.announcement(),
                    CustomCapability.EXEC,
                    CustomCapability.LOG_FILES,
                    CustomCapability.DIAGNOSE)));
            GoalOffer offer = GoalStateCodec.encode(goal);
            reply.remoteConfig(offer.remoteConfig()).packagesAvailable(offer.packagesAvailable());
        }
        CustomMessage custom = message.customMessage();
        if (custom != null && custom.type().equals(CustomCapability.STATUS_REPORT)) {
            InstallationStatus status = StatusReportCodec.decode(custom.data().toArray());
            statuses.computeIfAbsent(status.name(), name -> new CopyOnWriteArrayList<>())
                    .add(status);
            reply.customMessage(new CustomMessage(
                    CustomCapability.STATUS,
                    CustomCapability.STATUS_ACK,
                    Bytes.of(StatusAck.of(status).encode())));
        } else if (custom != null && custom.type().equals(CustomCapability.KEYS_PUBLISH)) {
            settingsKey = SettingsKey.decode(custom.data().toArray()).certificate();
        }
        return reply.build();
    }

    /** The certificate of the authority that machines enrol with. */
    public String authorityPem() throws GeneralSecurityException {
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(authority.certificate().getEncoded())
                + "\n-----END CERTIFICATE-----\n";
    }

    private static byte[] payload(DataInputStream in) throws IOException {
        int length = in.readUnsignedByte() & 0x7f;
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = Math.toIntExact(in.readLong());
        }
        byte[] mask = new byte[4];
        in.readFully(mask);
        byte[] payload = new byte[length];
        in.readFully(payload);
        for (int i = 0; i < length; i++) {
            payload[i] ^= mask[i & 3];
        }
        return payload;
    }

    private synchronized void send(OutputStream out, byte[] payload) throws IOException {
        out.write(0x82);
        if (payload.length < 126) {
            out.write(payload.length);
        } else if (payload.length < 1 << 16) {
            out.write(126);
            out.write(payload.length >> 8);
            out.write(payload.length);
        } else {
            out.write(127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                out.write((int) ((long) payload.length >> shift));
            }
        }
        out.write(payload);
        out.flush();
    }

    private static String line(DataInputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.readUnsignedByte(); c != '\n'; c = in.readUnsignedByte()) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : new ArrayList<>(sockets)) {
            socket.close();
        }
    }

    /** Whoever holds a key may come. */
    private static final class Anybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate @Nullable [] chain, String type) {
            // the test decides
        }

        @Override
        public void checkServerTrusted(X509Certificate @Nullable [] chain, String type) {
            throw new IllegalStateException("a gateway connects to nobody");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
