package dev.vmext.agent.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.vmext.packageformat.manifest.ProbeCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a real server on loopback. */
class WebQuestionTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private HttpServer server = create();

    private static HttpServer create() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @BeforeEach
    void start() {
        server.createContext("/up", exchange -> answer(exchange, 200, "{\"status\": \"up\"}"));
        server.createContext("/gone", exchange -> answer(exchange, 404, "nothing of that name"));
        server.createContext("/moved", exchange -> {
            exchange.getResponseHeaders().set("Location", "/up");
            answer(exchange, 302, "");
        });
        server.createContext(
                "/mine",
                exchange -> answer(
                        exchange,
                        "Bearer s3cret".equals(exchange.getRequestHeaders().getFirst("Authorization")) ? 200 : 401,
                        exchange.getRequestMethod()));
        server.createContext("/many", exchange -> answer(exchange, 200, "a".repeat(64 << 10) + "needle"));
        server.start();
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        try (exchange) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(status, head || bytes.length == 0 ? -1 : bytes.length);
            if (!head) {
                exchange.getResponseBody().write(bytes);
            }
        }
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private URI at(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    private Optional<String> ask(String path, String method, int from, int to, Map<String, String> headers, String body)
            throws Exception {
        return new WebQuestion(
                        new ProbeCheck.Http(
                                at(path), method, List.of(new ProbeCheck.StatusCodes(from, to)), headers, body),
                        LONG)
                .ask();
    }

    @Test
    void oneOfTheStatusCodesIsHealthy() throws Exception {
        assertThat(ask("/up", "GET", 200, 299, Map.of(), "")).isEmpty();
        assertThat(ask("/gone", "GET", 400, 404, Map.of(), "")).isEmpty();
        assertThat(ask("/gone", "GET", 200, 299, Map.of(), "")).contains("it answered 404 instead of 200-299");
        assertThat(ask("/moved", "GET", 200, 200, Map.of(), ""))
                .as("redirects are not followed")
                .contains("it answered 302 instead of 200");
    }

    @Test
    void theBeginningOfTheAnswerMustContainTheText() throws Exception {
        assertThat(ask("/up", "GET", 200, 200, Map.of(), "\"status\": *\"up\"")).isEmpty();
        assertThat(ask("/up", "GET", 200, 200, Map.of(), "down")).contains("its answer does not contain down");
        assertThat(ask("/gone", "GET", 404, 404, Map.of(), "^nothing")).isEmpty();
        assertThat(ask("/many", "GET", 200, 200, Map.of(), "needle"))
                .as("behind the first 64 KiB nobody looks")
                .contains("its answer does not contain needle");
    }

    @Test
    void saysItsHeadersAndMethodAndNeverTellsThem() throws Exception {
        Map<String, String> headers = Map.of("Authorization", "Bearer s3cret");
        assertThat(ask("/mine", "HEAD", 200, 200, headers, "")).isEmpty();
        assertThat(ask("/mine", "GET", 200, 200, headers, "^GET$")).isEmpty();
        assertThat(ask("/mine", "GET", 200, 200, Map.of(), "")).contains("it answered 401 instead of 200");
        assertThat(ask("/up", "GET", 500, 500, headers, ""))
                .hasValueSatisfying(why -> assertThat(why).doesNotContain("s3cret"));
    }

    @Test
    void theTimeIsForTheWholeAnswer() throws Exception {
        try (ServerSocket slow = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread drip = Thread.ofVirtual().start(() -> {
                try (Socket client = slow.accept()) {
                    client.getInputStream().read();
                    byte[] never = "HTTP/1.1 200 OK\r\nX: ".getBytes(StandardCharsets.US_ASCII);
                    client.getOutputStream().write(never);
                    while (true) {
                        client.getOutputStream().write('x');
                        Thread.onSpinWait();
                    }
                } catch (IOException e) {
                    // whoever asked has gone, as it should
                }
            });
            ProbeCheck.Http check = new ProbeCheck.Http(
                    URI.create("http://127.0.0.1:" + slow.getLocalPort() + "/"),
                    "GET",
                    List.of(new ProbeCheck.StatusCodes(200, 200)),
                    Map.of(),
                    "");
            assertThatNobodyWaitsForEver(new WebQuestion(check, Duration.ofSeconds(1)));
            drip.join();
        }
    }

    private static void assertThatNobodyWaitsForEver(WebQuestion question) throws Exception {
        try {
            assertThat(question.ask()).isPresent();
        } catch (IOException tooMuch) {
            assertThat(tooMuch).hasMessageContaining("header");
        }
    }

    @Test
    void anExpressionThatWouldLookForHoursIsEnded() throws Exception {
        ProbeCheck.Http check = new ProbeCheck.Http(
                at("/many"), "GET", List.of(new ProbeCheck.StatusCodes(200, 200)), Map.of(), "(a|a)*b");
        assertThat(new WebQuestion(check, Duration.ofSeconds(2)).ask())
                .hasValueSatisfying(
                        why -> assertThat(why).containsAnyOf("did not answer within 2 s", "nests too deeply"));
    }

    @Test
    void whoDoesNotListenIsNamed() {
        int port = server.getAddress().getPort();
        server.stop(0);
        ProbeCheck.Http check = new ProbeCheck.Http(
                URI.create("http://127.0.0.1:" + port + "/"),
                "GET",
                List.of(new ProbeCheck.StatusCodes(200, 200)),
                Map.of(),
                "");
        assertThatThrownBy(() -> new WebQuestion(check, LONG).ask())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("refused");
        server = create();
    }
}
