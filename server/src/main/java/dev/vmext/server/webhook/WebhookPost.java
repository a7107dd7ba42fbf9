package dev.vmext.server.webhook;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Sends one message: one POST on a connection of its own, signed as Standard Webhooks says. The connection goes to the very address
 * that was checked, so that a name which answers differently the second time leads nowhere; redirects are not followed, and of the
 * answer only the status is read. Any thread.
 */
final class WebhookPost {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    /** For everything, so that a receiver which answers a byte at a time holds nobody. */
    private static final Duration ALL = Duration.ofSeconds(20);

    private static final int MAX_LINE = 4096;
    private static final String PREFIX = "whsec_";

    private final LongSupplier nanoTime;
    private final SSLSocketFactory tls;

    WebhookPost(LongSupplier nanoTime, SSLSocketFactory tls) {
        this.nanoTime = nanoTime;
        this.tls = tls;
    }

    /** What came of it. */
    sealed interface Outcome {
        /** The receiver has it. */
        record Taken(int status) implements Outcome {}

        /**
         * It has not.
         *
         * @param why for people
         * @param receiver whether others would fare no better
         */
        record Refused(String why, boolean receiver) implements Outcome {}
    }

    Outcome send(URI url, String secret, String id, String body, Instant now) {
        if (url.getHost() == null) {
            return new Outcome.Refused("the address names no host", true);
        }
        boolean encrypted = "https".equals(url.getScheme());
        int port = url.getPort() > 0 ? url.getPort() : encrypted ? 443 : 80;
        long end = nanoTime.getAsLong() + ALL.toNanos();
        try {
            InetAddress[] addresses = InetAddress.getAllByName(url.getHost());
            for (InetAddress address : addresses) {
                Optional<String> refused = Destinations.refuses(address, encrypted);
                if (refused.isPresent()) {
                    return new Outcome.Refused(refused.get(), true);
                }
            }
            try (Socket socket = connect(addresses, port, end)) {
                Socket wire = encrypted ? secured(socket, url.getHost(), port, end) : socket;
                wire.getOutputStream().write(request(url, secret, id, body, now));
                wire.getOutputStream().flush();
                return outcome(status(wire, end));
            }
        } catch (UnknownHostException e) {
            return new Outcome.Refused("there is no host " + url.getHost(), true);
        } catch (SocketTimeoutException e) {
            return new Outcome.Refused("no answer within " + ALL.toSeconds() + " s", true);
        } catch (SSLException e) {
            return new Outcome.Refused("TLS fails: " + e.getMessage(), true);
        } catch (IOException e) {
            return new Outcome.Refused("no connection: " + e.getMessage(), true);
        }
    }

    private Socket connect(InetAddress[] addresses, int port, long end) throws IOException {
        IOException last = new IOException("the name has no address");
        for (InetAddress address : addresses) {
            Socket socket = new Socket();
            try {
                socket.connect(new InetSocketAddress(address, port), (int) Math.min(CONNECT.toMillis(), left(end)));
                return socket;
            } catch (IOException e) {
                socket.close();
                last = e;
            }
        }
        throw last;
    }

    private Socket secured(Socket plain, String host, int port, long end) throws IOException {
        plain.setSoTimeout(left(end));
        SSLSocket socket = (SSLSocket) tls.createSocket(plain, host, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private int left(long end) throws SocketTimeoutException {
        long millis = TimeUnit.NANOSECONDS.toMillis(end - nanoTime.getAsLong());
        if (millis <= 0) {
            throw new SocketTimeoutException();
        }
        return (int) millis;
    }

    private static byte[] request(URI url, String secret, String id, String body, Instant now) {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        URI ascii = URI.create(url.toASCIIString());
        String target = (path.equals("/") ? "/" : ascii.getRawPath())
                + (ascii.getRawQuery() == null ? "" : "?" + ascii.getRawQuery());
        String head = "POST " + target + " HTTP/1.1\r\n"
                + "Host: " + ascii.getHost() + (url.getPort() > 0 ? ":" + url.getPort() : "") + "\r\n"
                + "User-Agent: vmext\r\n"
                + "Content-Type: application/cloudevents+json; charset=utf-8\r\n"
                + "Content-Length: " + content.length + "\r\n"
                + "webhook-id: " + id + "\r\n"
                + "webhook-timestamp: " + now.getEpochSecond() + "\r\n"
                + "webhook-signature: " + signature(secret, id, now.getEpochSecond(), content) + "\r\n"
                + "Connection: close\r\n\r\n";
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
        all.writeBytes(content);
        return all.toByteArray();
    }

    /** {@code v1,} and base64 of HMAC-SHA256 over {@code id.timestamp.body}. */
    static String signature(String secret, String id, long timestamp, byte[] body) {
        byte[] key = Base64.getDecoder().decode(secret.substring(PREFIX.length()));
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
            return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every Java runtime has HMAC-SHA256", e);
        }
    }

    /** Of the first answer that is none of the 1xx. */
    private int status(Socket socket, long end) throws IOException {
        InputStream in = socket.getInputStream();
        while (true) {
            String line = line(socket, in, end);
            if (!line.matches("HTTP/1\\.[01] [1-5][0-9][0-9]( .*)?")) {
                throw new IOException("the answer is not HTTP");
            }
            int status = Integer.parseInt(line.substring(9, 12));
            if (status >= 200) {
                return status;
            }
            while (!line(socket, in, end).isEmpty()) {
                // header fields of an interim answer
            }
        }
    }

    private String line(Socket socket, InputStream in, long end) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (line.size() < MAX_LINE) {
            socket.setSoTimeout(left(end));
            int next = in.read();
            if (next < 0) {
                throw new InterruptedIOException("the connection ended before an answer came");
            }
            if (next == '\n') {
                return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
            }
            line.write(next);
        }
        throw new IOException("the answer is not HTTP");
    }

    private static Outcome outcome(int status) {
        if (status / 100 == 2) {
            return new Outcome.Taken(status);
        }
        boolean receiver = status >= 500 || status == 429 || status == 408;
        String why = status / 100 == 3
                ? "it answered " + status + ", and redirects are not followed"
                : "it answered " + status;
        return new Outcome.Refused(why, receiver);
    }
}
