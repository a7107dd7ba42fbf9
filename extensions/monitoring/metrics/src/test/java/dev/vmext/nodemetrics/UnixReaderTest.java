package dev.vmext.nodemetrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UnixReaderTest {
    @TempDir
    private Path folder;

    private final ServerSocketChannel server = open();

    private static ServerSocketChannel open() {
        try {
            return ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Path serve(String answer) throws IOException {
        Path socket = folder.resolve("s");
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().start(() -> {
            try (SocketChannel client = server.accept()) {
                client.read(ByteBuffer.allocate(1024));
                client.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
            } catch (IOException e) {
                // The reader went away, as one of the tests has it.
            }
        });
        return socket;
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void countsSeriesAndNotWhatExplainsThem() throws Exception {
        Path socket = serve("""
                HTTP/1.0 200 OK
                Content-Type: text/plain

                # HELP a b
                # TYPE a gauge
                a 1
                a{x="y"} 2

                node_scrape_collector_success{collector="cpu"} 1
                node_scrape_collector_success{collector="nfs"} 0
                """.replace("\n", "\r\n"));
        assertThat(new UnixReader(Duration.ofSeconds(30)).read(socket, () -> true))
                .isEqualTo(new Reader.Reading(4, List.of("nfs")));
    }

    @Test
    void saysWhatAnExporterThatFailsAnswered() throws Exception {
        Path socket = serve("HTTP/1.0 500 Internal Server Error\r\n\r\n");
        assertThatThrownBy(() -> new UnixReader(Duration.ofSeconds(30)).read(socket, () -> true))
                .isInstanceOf(IOException.class)
                .hasMessage("it answered HTTP/1.0 500 Internal Server Error");
    }

    @Test
    void waitsForNobodyForEver() throws Exception {
        Path socket = folder.resolve("silent");
        server.bind(UnixDomainSocketAddress.of(socket));
        assertThatThrownBy(() -> new UnixReader(Duration.ofMillis(50)).read(socket, () -> true))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no answer within");
    }

    @Test
    void doesNotWaitForAnExporterThatHasEnded() throws Exception {
        Path socket = folder.resolve("left");
        server.bind(UnixDomainSocketAddress.of(socket));
        assertThatThrownBy(() -> new UnixReader(Duration.ofDays(1)).read(socket, () -> false))
                .isInstanceOf(IOException.class)
                .hasMessage("it has ended");
    }

    @Test
    void saysThatNobodyListens() {
        assertThatThrownBy(() -> new UnixReader(Duration.ofSeconds(30)).read(folder.resolve("none"), () -> true))
                .isInstanceOf(IOException.class);
    }
}
