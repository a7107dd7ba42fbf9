package dev.vmext.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.vmext.agent.train.EnrollingScript;
import dev.vmext.agent.train.LoopbackAuthority;
import dev.vmext.protocol.opamp.MessageLimits;
import dev.vmext.protocol.opamp.OpampCodec;
import dev.vmext.protocol.opamp.ServerToAgent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** The link where no WebSocket gets through: every upgrade is answered with 404, as some proxies do, and every reply is zipped. */
class PollingLinkIT extends ServerLinkIT {
    private static final OpampCodec CODEC = new OpampCodec(MessageLimits.STANDARD);

    private final AtomicInteger upgrades = new AtomicInteger();
    private final AtomicInteger zipped = new AtomicInteger();

    @Override
    Gateway open(LoopbackAuthority authority, EnrollingScript script) throws Exception {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls(authority)) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters ssl = getSSLContext().getDefaultSSLParameters();
                ssl.setWantClientAuth(true);
                parameters.setSSLParameters(ssl);
            }
        });
        Deque<ServerToAgent> waiting = new ArrayDeque<>();
        server.createContext("/v1/opamp", exchange -> answer(exchange, script, waiting));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        return new Gateway() {
            @Override
            public String address() {
                return "127.0.0.1:" + server.getAddress().getPort();
            }

            @Override
            public void close() {
                server.stop(0);
            }
        };
    }

    /** Only after three failed upgrades is a POST sent; whatever was said, it was said in POSTs. */
    @AfterEach
    void webSocketsWereTriedFirst() {
        if (zipped.get() > 0) {
            assertThat(upgrades.get()).isGreaterThanOrEqualTo(FallbackTransport.TRIES);
        }
    }

    private void answer(HttpExchange exchange, EnrollingScript script, Deque<ServerToAgent> waiting)
            throws IOException {
        try (exchange) {
            if (exchange.getRequestMethod().equals("GET")) {
                upgrades.incrementAndGet();
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            Optional<String> token = Optional.ofNullable(authorization).map(text -> text.substring("Bearer ".length()));
            Optional<String> refused = script.refuses(token, hasCertificate((HttpsExchange) exchange));
            if (refused.isPresent()) {
                byte[] problem = ("{\"detail\": \"" + refused.get() + "\"}").getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(401, problem.length);
                exchange.getResponseBody().write(problem);
                return;
            }
            byte[] body = exchange.getRequestBody().readAllBytes();
            if ("gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"))) {
                zipped.incrementAndGet();
                try (InputStream unzipped = new GZIPInputStream(new java.io.ByteArrayInputStream(body))) {
                    body = unzipped.readAllBytes();
                }
            }
            ByteArrayOutputStream reply = new ByteArrayOutputStream();
            synchronized (waiting) {
                waiting.addAll(script.answer(CODEC.decodeAgentToServer(body)));
                try (GZIPOutputStream zip = new GZIPOutputStream(reply)) {
                    zip.write(CODEC.encode(waiting.remove()));
                }
                if (!waiting.isEmpty()) {
                    exchange.getResponseHeaders().add("Vmext-More", "1");
                }
            }
            exchange.getResponseHeaders().add("Content-Encoding", "gzip");
            exchange.sendResponseHeaders(200, reply.size());
            exchange.getResponseBody().write(reply.toByteArray());
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static boolean hasCertificate(HttpsExchange exchange) {
        try {
            return exchange.getSSLSession().getPeerCertificates().length > 0;
        } catch (SSLPeerUnverifiedException none) {
            return false;
        }
    }

    static SSLContext tls(LoopbackAuthority authority) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry("gateway", authority.serverPair().getPrivate(), new char[0], new Certificate[] {
            authority.serverCertificate(), authority.certificate()
        });
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), new TrustManager[] {new Anybody()}, null);
        return context;
    }

    /** The script knows machines by their certificates. */
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
