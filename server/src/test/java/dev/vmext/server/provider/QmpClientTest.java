package dev.vmext.server.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client against a scripted other end: one answer for each line that it sends. */
final class QmpClientTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String READY = "{\"return\": {}, \"id\": 1}\n";

    @TempDir
    Path temp;

    private Path socket = Path.of("/");
    private ServerSocketChannel server = closed();

    private static ServerSocketChannel closed() {
        try {
            return ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void listen() throws IOException {
        // A socket can only be bound under a short name, and then be moved to a long one.
        Path near = Files.createTempDirectory("qmp").resolve("s");
        server.bind(UnixDomainSocketAddress.of(near));
        Path folder = Files.createDirectories(temp.resolve("long".repeat(40)));
        socket = Files.move(near, folder.resolve("qmp.sock"));
        Files.delete(near.getParent());
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    private void answer(String greeting, List<String> answers) {
        Thread.ofVirtual().start(() -> {
            try (SocketChannel client = server.accept();
                    BufferedReader in = new BufferedReader(
                            new InputStreamReader(Channels.newInputStream(client), StandardCharsets.UTF_8))) {
                send(client, greeting);
                for (String answer : answers) {
                    if (in.readLine() == null) {
                        return;
                    }
                    send(client, answer);
                }
            } catch (IOException e) {
                // The client went away, which ends this script.
            }
        });
    }

    private static void send(SocketChannel client, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            client.write(bytes);
        }
    }

    private void greet(String... answers) {
        answer("{\"QMP\": {\"version\": {}}}\r\n", List.of(answers));
    }

    @Test
    void readsTheAnswerBetweenEvents() throws IOException {
        greet(READY, "{\"event\": \"RESUME\"}\n{\"return\": {\"status\": \"running\"}, \"id\": 2}\n");
        try (QmpClient qmp = QmpClient.connect(socket)) {
            assertThat(qmp.execute("query-status", Map.of(), SOON)
                            .path("status")
                            .asText())
                    .isEqualTo("running");
        }
    }

    @Test
    void aRefusalCarriesItsReason() throws IOException {
        greet(READY, "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no such device\"}, \"id\": 2}\n");
        try (QmpClient qmp = QmpClient.connect(socket)) {
            assertThatThrownBy(() -> qmp.execute("eject", Map.of("id", "x"), SOON))
                    .isInstanceOf(QmpClient.Refused.class)
                    .hasMessage("no such device");
        }
    }

    @Test
    void anEndInTheMiddleIsNoticed() throws IOException {
        greet(READY);
        try (QmpClient qmp = QmpClient.connect(socket)) {
            assertThatThrownBy(() -> qmp.execute("quit", Map.of(), SOON))
                    .isInstanceOfAny(EOFException.class, IOException.class);
        }
    }

    @Test
    void silenceEndsAtTheDeadline() throws IOException {
        greet(READY, "");
        try (QmpClient qmp = QmpClient.connect(socket)) {
            // The script has ended by then or not: both are an end, and neither is a wait for ever.
            assertThatThrownBy(() -> qmp.execute("query-status", Map.of(), Duration.ofMillis(50)))
                    .isInstanceOfAny(SocketTimeoutException.class, EOFException.class);
        }
    }

    @Test
    void whateverElseListensThereIsRefused() {
        answer("{\"hello\": 1}\n", List.of());
        assertThatThrownBy(() -> QmpClient.connect(socket))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not a QMP socket");
    }
}
