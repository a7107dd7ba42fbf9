package dev.vmext.agent.link;

import dev.vmext.agent.fetch.Download;
import dev.vmext.agent.fetch.DownloadException;
import dev.vmext.agent.process.Pause;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** Downloads from the gateway that this machine is connected to, with its certificate. Any thread. */
final class GatewayDownload implements Download {
    private static final System.Logger LOG = System.getLogger(GatewayDownload.class.getName());
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final int OK = 200;
    private static final int PARTIAL = 206;
    private static final int RANGE_NOT_SATISFIABLE = 416;

    private final GatewayClients clients;
    private final GatewayChoice choice;
    private final InstantSource clock;
    private final Pause pause;
    private final RandomGenerator random;

    GatewayDownload(
            GatewayClients clients, GatewayChoice choice, InstantSource clock, Pause pause, RandomGenerator random) {
        this.clients = clients;
        this.choice = choice;
        this.clock = clock;
        this.pause = pause;
        this.random = random;
    }

    @Override
    public void fetch(String path, Path into, long size, Duration atMost) throws IOException, InterruptedException {
        Instant until = clock.instant().plus(atMost);
        ReconnectPolicy policy = new ReconnectPolicy(random);
        while (true) {
            String gateway = choice.current();
            try {
                if (once(gateway, path, into, size, until)) {
                    return;
                }
                policy.succeeded(); // it ended early, but it got on
            } catch (DownloadException known) {
                throw known; // this machine's own trouble does not pass by asking again
            } catch (Refusal refused) {
                if (refused.lasting() || !clock.instant().isBefore(until)) {
                    throw DownloadException.refused(gateway, path, refused.status(), refused);
                }
            } catch (IOException failed) {
                if (!clock.instant().isBefore(until)) {
                    throw DownloadException.broken(gateway, path, failed);
                }
                LOG.log(System.Logger.Level.INFO, "A download broke off, trying again: {0}", failed.getMessage());
            }
            pause.forTime(policy.next(null));
        }
    }

    /** Whether the file is whole now. */
    private boolean once(String gateway, String path, Path into, long size, Instant until)
            throws IOException, InterruptedException {
        long have = Files.exists(into) ? Files.size(into) : 0;
        if (have > size) {
            Files.delete(into);
            have = 0;
        }
        if (have == size && size > 0) {
            return true;
        }
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("https://" + gateway + path)).timeout(clients.stretched(ANSWER));
        if (have > 0) {
            request.header("Range", "bytes=" + have + "-");
        }
        HttpResponse<InputStream> response =
                clients.client().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        Duration left = Duration.between(clock.instant(), until);
        try (InputStream body = response.body();
                var _ = new Watchdog(body, left.isNegative() ? Duration.ZERO : left)) {
            switch (response.statusCode()) {
                case OK -> copy(body, into, size, StandardOpenOption.TRUNCATE_EXISTING, gateway, path);
                case PARTIAL -> copy(body, into, size - have, StandardOpenOption.APPEND, gateway, path);
                case RANGE_NOT_SATISFIABLE -> Files.deleteIfExists(into);
                default ->
                    throw new Refusal(
                            response.statusCode(),
                            "the gateway answers " + response.statusCode() + " for " + path,
                            null);
            }
        }
        return Files.exists(into) && Files.size(into) == size;
    }

    /** Never takes more than was announced, whatever the other end sends. */
    private static void copy(
            InputStream body, Path into, long atMost, StandardOpenOption how, String gateway, String path)
            throws IOException {
        try (OutputStream out = open(into, how, gateway, path)) {
            byte[] buffer = new byte[16 * 1024];
            long left = atMost;
            while (left > 0) {
                int read = body.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (read < 0) {
                    return;
                }
                try {
                    out.write(buffer, 0, read);
                } catch (IOException notWritten) {
                    throw DownloadException.notKept(gateway, path, named(into, notWritten));
                }
                left -= read;
            }
        }
    }

    private static OutputStream open(Path into, StandardOpenOption how, String gateway, String path)
            throws DownloadException {
        try {
            return Files.newOutputStream(into, StandardOpenOption.CREATE, StandardOpenOption.WRITE, how);
        } catch (IOException notOpened) {
            throw DownloadException.notKept(gateway, path, notOpened);
        }
    }

    /** A failed write says why and not where. */
    private static IOException named(Path into, IOException failed) {
        IOException named = new FileSystemException(into.toString(), null, failed.getMessage());
        named.addSuppressed(failed);
        return named;
    }

    /** Ends a read that would wait for ever on a peer that went away silently. */
    private record Watchdog(CompletableFuture<Void> bark) implements AutoCloseable {
        private Watchdog(InputStream body, Duration after) {
            this(CompletableFuture.runAsync(
                    () -> {
                        try {
                            body.close();
                        } catch (IOException e) {
                            LOG.log(System.Logger.Level.DEBUG, "Closing a stalled download failed, ignoring", e);
                        }
                    },
                    CompletableFuture.delayedExecutor(after.toMillis(), TimeUnit.MILLISECONDS)));
        }

        @Override
        public void close() {
            bark.cancel(false);
        }
    }
}
