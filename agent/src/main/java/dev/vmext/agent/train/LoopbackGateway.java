package dev.vmext.agent.train;

import dev.vmext.protocol.opamp.AgentToServer;
import dev.vmext.protocol.opamp.MessageLimits;
import dev.vmext.protocol.opamp.OpampCodec;
import dev.vmext.protocol.opamp.ServerToAgent;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS and the part of RFC 6455 that one well-behaved client needs. One virtual thread per connection calls {@link Script}; closing ends
 * all of them.
 */
public final class LoopbackGateway implements AutoCloseable {
    private static final OpampCodec CODEC = new OpampCodec(MessageLimits.STANDARD);
    private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int FINAL_BINARY = 0x82;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;

    /** What the control plane does. */
    public interface Script {
        /** Why this upgrade is refused with 401, empty when it is not. */
        Optional<String> refuses(Optional<String> token, boolean hasCertificate);

        List<ServerToAgent> answer(AgentToServer message) throws IOException, GeneralSecurityException;
    }

    private final SSLServerSocket server;
    private final Script script;

    public LoopbackGateway(LoopbackAuthority authority, Script script) throws IOException, GeneralSecurityException {
        this.script = script;
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
                context.getServerSocketFactory().createServerSocket(0, 16, InetAddress.ofLiteral("127.0.0.1"));
        server.setWantClientAuth(true);
        Thread.ofVirtual().start(() -> accept(server));
    }

    public String address() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    private void accept(ServerSocket socket) {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                Thread.ofVirtual().start(() -> serve((SSLSocket) connection));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(SSLSocket socket) {
        try (socket) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            String key = null;
            String token = null;
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                String lower = line.toLowerCase(Locale.ROOT);
                if (lower.startsWith("sec-websocket-key:")) {
                    key = line.substring(line.indexOf(':') + 1).strip();
                } else if (lower.startsWith("authorization: bearer ")) {
                    token = line.substring("authorization: bearer ".length()).strip();
                }
            }
            Optional<String> refused = script.refuses(Optional.ofNullable(token), hasCertificate(socket));
            if (refused.isPresent() || key == null) {
                String body = "{\"detail\": \"" + refused.orElse("no upgrade") + "\", \"hint\": \"\"}";
                out.write(("HTTP/1.1 401 Unauthorized\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                        .getBytes(StandardCharsets.US_ASCII));
                return;
            }
            byte[] accept =
                    MessageDigest.getInstance("SHA-1").digest((key + MAGIC).getBytes(StandardCharsets.US_ASCII));
            out.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: " + Base64.getEncoder().encodeToString(accept) + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            converse(in, out);
        } catch (IOException | GeneralSecurityException ended) {
            // The client went away, or the script wanted that: either way this connection is over.
            return;
        }
    }

    private static boolean hasCertificate(SSLSocket socket) {
        try {
            return socket.getSession().getPeerCertificates().length > 0;
        } catch (SSLPeerUnverifiedException none) {
            return false;
        }
    }

    private void converse(DataInputStream in, OutputStream out) throws IOException, GeneralSecurityException {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        while (true) {
            int first = in.readUnsignedByte();
            byte[] payload = payload(in);
            int opcode = first & 0x0f;
            if (opcode == CLOSE) {
                out.write(new byte[] {(byte) 0x88, 0});
                return;
            }
            if (opcode == PING) {
                continue;
            }
            message.writeBytes(payload);
            boolean last = (first & 0x80) != 0;
            if (last && (opcode == BINARY || opcode == 0)) {
                AgentToServer decoded = CODEC.decodeAgentToServerFrame(message.toByteArray());
                message.reset();
                for (ServerToAgent answer : script.answer(decoded)) {
                    send(out, CODEC.encodeFrame(answer));
                }
            }
        }
    }

    private static byte[] payload(DataInputStream in) throws IOException {
        int second = in.readUnsignedByte();
        int length = second & 0x7f;
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

    private static void send(OutputStream out, byte[] payload) throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(FINAL_BINARY);
        if (payload.length < 126) {
            frame.write(payload.length);
        } else if (payload.length < 1 << 16) {
            frame.write(126);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
        } else {
            frame.write(127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                frame.write((int) ((long) payload.length >> shift));
            }
        }
        frame.writeBytes(payload);
        out.write(frame.toByteArray());
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
    }

    /** The machine is known by its token or certificate in the script; TLS only proves the key. */
    private static final class Anybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate @Nullable [] chain, String type) {
            // the script decides
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
