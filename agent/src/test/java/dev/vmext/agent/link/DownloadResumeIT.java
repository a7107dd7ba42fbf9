package dev.vmext.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.vmext.agent.train.LoopbackAuthority;
import dev.vmext.protocol.Digest;
import dev.vmext.testkit.ManualClock;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A download that is cut off goes on where it was, also in another process. */
class DownloadResumeIT {
    private static final int SIZE = 3_000_000;

    @TempDir
    Path temp;

    private final ManualClock clock = ManualClock.atNewYear();
    private final List<String> ranges = new CopyOnWriteArrayList<>();
    private final byte[] content = new byte[SIZE];
    private volatile int bytesBeforeTheCut = 1_000_000;
    /** No byte beyond this is ever sent. */
    private volatile int end = SIZE;

    private HttpsServer server;
    private GatewayDownload download;

    @BeforeEach
    void start() throws Exception {
        new Random(5).nextBytes(content);
        LoopbackAuthority authority = new LoopbackAuthority(Instant.now(), new SecureRandom());
        server = HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(PollingLinkIT.tls(authority)));
        server.createContext("/v1/packages/", this::serve);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        clock.set(Instant.now());
        GatewayClients clients =
                new GatewayClients(Digest.of(authority.certificate().getEncoded()), clock, 1);
        clients.client(Optional.empty());
        download = new GatewayDownload(
                clients,
                new GatewayChoice(List.of("127.0.0.1:" + server.getAddress().getPort())),
                clock,
                clock::advance,
                RandomGeneratorFactory.of("L64X128MixRandom").create(3));
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    /** Sends so many bytes and then cuts the connection. */
    private void serve(HttpExchange exchange) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        ranges.add(String.valueOf(range));
        int from = range == null ? 0 : Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
        exchange.sendResponseHeaders(range == null ? 200 : 206, SIZE - from);
        try (OutputStream body = exchange.getResponseBody()) {
            int length = Math.max(0, Math.min(bytesBeforeTheCut, end - from));
            body.write(content, from, length);
            body.flush();
            if (from + length < SIZE) {
                throw new IOException("cut");
            }
        }
    }

    @Test
    void goesOnWhereItWasCutOff() throws Exception {
        Path file = temp.resolve("package.part");
        download.fetch("/v1/packages/x", file, SIZE, Duration.ofHours(1));
        assertThat(Arrays.equals(Files.readAllBytes(file), content)).isTrue();
        assertThat(ranges).hasSizeGreaterThan(1).first().isEqualTo("null");
        assertThat(ranges.subList(1, ranges.size())).allMatch(range -> range.matches("bytes=[1-9][0-9]*-"));
    }

    @Test
    void takesOverWhatAnEarlierProcessLeft() throws Exception {
        Path file = temp.resolve("package.part");
        Files.write(file, Arrays.copyOf(content, 1_234_567));
        bytesBeforeTheCut = SIZE;
        download.fetch("/v1/packages/x", file, SIZE, Duration.ofHours(1));
        assertThat(ranges).containsExactly("bytes=1234567-");
        assertThat(Arrays.equals(Files.readAllBytes(file), content)).isTrue();
    }

    @Test
    void givesUpAtItsDeadlineAndKeepsWhatItHas() throws Exception {
        Path file = temp.resolve("package.part");
        end = 1_500_000;
        assertThatThrownBy(() -> download.fetch("/v1/packages/x", file, SIZE, Duration.ofMinutes(10)))
                .isInstanceOf(IOException.class);
        assertThat(ranges).hasSizeGreaterThan(3).endsWith("bytes=1500000-");
        assertThat(Arrays.equals(Files.readAllBytes(file), Arrays.copyOf(content, end)))
                .isTrue();
    }
}
