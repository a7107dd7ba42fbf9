package dev.vmext.server.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.vmext.server.webhook.WebhookPost.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebhookPostTest {
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final Instant NOW = Instant.ofEpochSecond(1_614_265_330);

    private final Map<String, String> heard = new HashMap<>();
    private final WebhookPost post =
            new WebhookPost(System::nanoTime, (SSLSocketFactory) SSLSocketFactory.getDefault());
    private int status = 204;

    @SuppressWarnings("NullAway.Init") // by listen
    private HttpServer server;

    @BeforeEach
    void listen() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            heard.put("line", exchange.getRequestMethod() + " " + exchange.getRequestURI());
            exchange.getRequestHeaders()
                    .forEach((name, values) -> heard.put(name.toLowerCase(java.util.Locale.ROOT), values.getFirst()));
            heard.put("body", new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.getResponseHeaders().add("Location", "http://169.254.169.254/");
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private Outcome send(String url) {
        return post.send(URI.create(url), SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", "{\"test\": 2432232314}", NOW);
    }

    private String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    @Test
    void signsAsStandardWebhooksSays() {
        // The example of its specification.
        assertThat(WebhookPost.signature(
                        SECRET,
                        "msg_p5jXN8AQM9LWM0D4loKWxJek",
                        NOW.getEpochSecond(),
                        "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assertThat(Base64.getDecoder().decode(SECRET.substring(6))).hasSize(24);
    }

    @Test
    void postsTheMessage() {
        assertThat(send(url("/in?a=b%20c"))).isEqualTo(new Outcome.Taken(204));
        assertThat(heard)
                .containsEntry("line", "POST /in?a=b%20c")
                .containsEntry("content-type", "application/cloudevents+json; charset=utf-8")
                .containsEntry("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek")
                .containsEntry("webhook-timestamp", "1614265330")
                .containsEntry("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
                .containsEntry("body", "{\"test\": 2432232314}")
                .containsEntry("host", "127.0.0.1:" + server.getAddress().getPort());
    }

    @ParameterizedTest
    @CsvSource({"503,true", "429,true", "500,true", "400,false", "404,false", "302,false"})
    void anythingElseIsNotTaken(int answer, boolean receiver) {
        status = answer;
        assertThat(send(url("/"))).isInstanceOfSatisfying(Outcome.Refused.class, refused -> {
            assertThat(refused.receiver()).isEqualTo(receiver);
            assertThat(refused.why()).contains(String.valueOf(answer));
        });
    }

    @Test
    void goesNowhereItMustNot() {
        assertThat(send("http://169.254.169.254/latest/meta-data/"))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.why()).contains("metadata"));
        assertThat(send("http://no-such-host.invalid/")).isInstanceOf(Outcome.Refused.class);
    }

    @Test
    void saysWhatIsWrongWithTheReceiver() throws IOException {
        try (ServerSocket strange = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread answering = Thread.ofVirtual().start(() -> {
                try (Socket socket = strange.accept()) {
                    socket.getOutputStream()
                            .write("220 mail.example.org ESMTP\r\n".getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    // The test says so below.
                }
            });
            assertThat(send("http://127.0.0.1:" + strange.getLocalPort() + "/"))
                    .isInstanceOfSatisfying(
                            Outcome.Refused.class,
                            refused -> assertThat(refused.why()).contains("no connection"));
            answering.interrupt();
        }
        int free = server.getAddress().getPort();
        server.stop(0);
        assertThat(send("http://127.0.0.1:" + free + "/")).isInstanceOf(Outcome.Refused.class);
        // No TLS there.
        assertThat(send("https://127.0.0.1:" + free + "/")).isInstanceOf(Outcome.Refused.class);
    }
}
