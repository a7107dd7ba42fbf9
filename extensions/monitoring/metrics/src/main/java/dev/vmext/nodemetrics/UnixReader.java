package dev.vmext.nodemetrics;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** HTTP/1.0 over a UNIX socket: the server closes when it has said everything. No state; any thread. */
record UnixReader(Duration timeout) implements Reader {
    private static final Duration LOOK = Duration.ofSeconds(2);
    private static final Pattern SILENT = Pattern.compile("node_scrape_collector_success\\{collector=\"([^\"]+)\"} 0");

    @Override
    public Reading read(Path socket, BooleanSupplier atWork) throws IOException, InterruptedException {
        // A channel has no timeout of its own. Closing it from here ends the read.
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            FutureTask<Reading> reading = new FutureTask<>(() -> converse(channel, socket));
            Thread.ofVirtual().start(reading);
            for (Duration left = timeout; left.isPositive(); left = left.minus(LOOK)) {
                Duration wait = left.compareTo(LOOK) < 0 ? left : LOOK;
                try {
                    return reading.get(wait.toMillis(), TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    if (!atWork.getAsBoolean()) {
                        throw new IOException("it has ended", e);
                    }
                }
            }
            throw new IOException("no answer within " + timeout.toSeconds() + " s");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException why ? why : new IOException(String.valueOf(e.getCause()), e);
        }
    }

    private static Reading converse(SocketChannel channel, Path socket) throws IOException {
        channel.connect(UnixDomainSocketAddress.of(socket));
        ByteBuffer request =
                ByteBuffer.wrap("GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        while (request.hasRemaining()) {
            channel.write(request);
        }
        try (BufferedReader answer = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
            String first = answer.readLine();
            if (first == null || !first.matches("HTTP/1\\.[01] 200 .*")) {
                throw new IOException("it answered " + (first == null ? "nothing" : first));
            }
            int series = 0;
            List<String> silent = new ArrayList<>();
            boolean body = false;
            for (String line = answer.readLine(); line != null; line = answer.readLine()) {
                series += body && !line.isEmpty() && !line.startsWith("#") ? 1 : 0;
                body |= line.isEmpty();
                Matcher failed = SILENT.matcher(line);
                if (body && failed.matches()) {
                    silent.add(failed.group(1));
                }
            }
            return new Reading(series, silent);
        }
    }
}
