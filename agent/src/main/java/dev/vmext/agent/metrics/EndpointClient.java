package dev.vmext.agent.metrics;

import dev.vmext.agent.process.Pause;
import dev.vmext.packageformat.manifest.MetricEndpoint;
import dev.vmext.packageformat.manifest.MetricSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Asks an endpoint once, over TCP, TLS or a unix socket: one request on a connection of its own. The client of the Java library knows no unix
 * sockets and would keep threads and megabytes for a question per minute. Any thread; an interrupt ends it at once.
 */
final class EndpointClient {
    private static final String ACCEPT =
            "text/plain;version=0.0.4;q=0.9,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1";

    private final Pause pause;

    /**
     * Asks nothing yet.
     *
     * @param pause what measures the time an answer may take
     */
    EndpointClient(Pause pause) {
        this.pause = pause;
    }

    /** Hands the answer to its reader before the time is over. The message of the exception says what went wrong, without the address. */
    @SuppressWarnings("try") // closing it early is how the watchdog ends what takes too long
    void ask(MetricEndpoint endpoint, Answer.Reader reader) throws IOException {
        AtomicBoolean late = new AtomicBoolean();
        try (SocketChannel channel = open(endpoint.source())) {
            Thread watchdog = Thread.ofVirtual().name("scrape-timeout").start(() -> {
                try {
                    pause.forTime(endpoint.timeout());
                    late.set(true);
                    channel.close();
                } catch (InterruptedException | IOException answered) {
                    // the answer came in time, or nobody waits for it any more
                }
            });
            try {
                converse(channel, endpoint, reader);
            } finally {
                watchdog.interrupt();
            }
        } catch (IOException | RuntimeException failed) {
            if (late.get()) {
                throw new IOException(
                        "it did not answer within " + endpoint.timeout().toSeconds() + " s", failed);
            }
            throw failed instanceof IOException known ? known : new IOException(failed.toString(), failed);
        }
    }

    private static SocketChannel open(MetricSource source) throws IOException {
        return switch (source) {
            case MetricSource.Web _ -> SocketChannel.open();
            case MetricSource.UnixSocket _ -> SocketChannel.open(StandardProtocolFamily.UNIX);
        };
    }

    private static void converse(SocketChannel channel, MetricEndpoint endpoint, Answer.Reader reader)
            throws IOException {
        switch (endpoint.source()) {
            case MetricSource.UnixSocket(String socket, String path) -> {
                channel.connect(UnixDomainSocketAddress.of(socket));
                exchange(
                        Channels.newInputStream(channel),
                        Channels.newOutputStream(channel),
                        request("localhost", path, endpoint.timeout()),
                        reader);
            }
            case MetricSource.Web(URI url) -> {
                boolean tls = "https".equals(url.getScheme());
                int port = url.getPort() >= 0 ? url.getPort() : tls ? 443 : 80;
                String host = bare(url.getHost());
                channel.connect(new InetSocketAddress(resolved(host), port));
                byte[] request = request(
                        url.getHost() + (url.getPort() >= 0 ? ":" + url.getPort() : ""),
                        pathOf(url),
                        endpoint.timeout());
                if (tls) {
                    try (SSLSocket socket = secure(channel, host, port)) {
                        exchange(socket.getInputStream(), socket.getOutputStream(), request, reader);
                    }
                } else {
                    exchange(Channels.newInputStream(channel), Channels.newOutputStream(channel), request, reader);
                }
            }
        }
    }

    private static InetAddress resolved(String host) throws IOException {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException unknown) {
            throw new IOException("the host " + host + " is not known", unknown);
        }
    }

    private static SSLSocket secure(SocketChannel channel, String host, int port) throws IOException {
        SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
        SSLSocket socket = (SSLSocket) factory.createSocket(channel.socket(), host, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        return socket;
    }

    private static String bare(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static String pathOf(URI url) {
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        return url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
    }

    private static byte[] request(String host, String path, Duration timeout) {
        return ("GET " + path + " HTTP/1.1\r\n"
                        + "Host: " + host + "\r\n"
                        + "User-Agent: vmext-agent\r\n"
                        + "Accept: " + ACCEPT + "\r\n"
                        + "Accept-Encoding: identity\r\n"
                        + "X-Prometheus-Scrape-Timeout-Seconds: " + timeout.toSeconds() + "\r\n"
                        + "Connection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static void exchange(InputStream in, OutputStream out, byte[] request, Answer.Reader reader)
            throws IOException {
        out.write(request);
        out.flush();
        HttpAnswer head = HttpAnswer.read(in);
        if (head.status() != 200) {
            throw new IOException("it answered " + head.status());
        }
        reader.read(new Answer(head.contentType(), head.body()));
    }
}
