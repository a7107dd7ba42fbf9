package dev.vmext.agent.link;

import dev.vmext.protocol.opamp.MessageLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * OpAMP over plain HTTP, for networks in which no WebSocket gets through: each message is a POST, and what the gateway has to say is in
 * the answer. Any thread; each connection has a thread of its own that sends one message after the other.
 */
final class PollTransport implements Transport {
    private static final System.Logger LOG = System.getLogger(PollTransport.class.getName());
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final Duration GOODBYE = Duration.ofSeconds(2);
    private static final int LARGEST = MessageLimits.STANDARD.maxMessageBytes();
    private static final int WORTH_ZIPPING = 512;
    private static final int OK = 200;
    private static final int TOO_LARGE = 413;
    /** After this time a WebSocket is tried again. */
    static final Duration LIFE = Duration.ofHours(1);

    private final GatewayClients clients;
    private final InstantSource clock;

    PollTransport(GatewayClients clients, InstantSource clock) {
        this.clients = clients;
        this.clock = clock;
    }

    /** Nothing is sent yet: whether the gateway answers shows with the first message. */
    @Override
    public Connection open(String gateway, Optional<Identity> identity, Optional<String> token, Receiver receiver)
            throws IOException {
        Polling polling = new Polling(
                clients.client(identity),
                gateway,
                identity.map(Identity::machine),
                token,
                receiver,
                clock.instant().plus(LIFE));
        polling.start();
        return polling;
    }

    /** The header byte of a frame belongs to WebSockets only. */
    private static byte[] message(byte[] frame) {
        return frame.length > 0 && frame[0] == 0 ? Arrays.copyOfRange(frame, 1, frame.length) : frame;
    }

    private static byte[] frame(byte[] message) {
        byte[] frame = new byte[message.length + 1];
        System.arraycopy(message, 0, frame, 1, message.length);
        return frame;
    }

    private final class Polling implements Connection, Runnable {
        private final HttpClient client;
        private final String gateway;
        private final Optional<UUID> machine;
        private final Optional<String> token;
        private final Receiver receiver;
        private final Instant until;
        private final BlockingQueue<Optional<byte[]>> outgoing = new LinkedBlockingQueue<>();
        private final Thread worker = Thread.ofVirtual().name("poll").unstarted(this);
        private volatile boolean aborted;

        Polling(
                HttpClient client,
                String gateway,
                Optional<UUID> machine,
                Optional<String> token,
                Receiver receiver,
                Instant until) {
            this.client = client;
            this.gateway = gateway;
            this.machine = machine;
            this.token = token;
            this.receiver = receiver;
            this.until = until;
        }

        void start() {
            worker.start();
        }

        @Override
        public void run() {
            try {
                for (Optional<byte[]> frame = outgoing.take(); frame.isPresent() && !aborted; frame = outgoing.take()) {
                    exchange(message(frame.get()));
                }
                receiver.closed(new IOException("the link was ended"));
            } catch (IOException e) {
                receiver.closed(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                receiver.closed(new IOException("the agent stops", e));
            }
        }

        private void exchange(byte[] message) throws IOException, InterruptedException {
            HttpResponse<InputStream> response;
            try {
                response = client.send(request(message), HttpResponse.BodyHandlers.ofInputStream());
            } catch (IOException e) {
                throw new IOException("cannot poll " + gateway + ": " + Failures.describe(e), e);
            }
            try (InputStream body = response.body()) {
                if (response.statusCode() == TOO_LARGE) {
                    // Sent again it would be as large: whatever it was, the next one must get through.
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "The gateway finds a message of {0} bytes too large; it is not sent again",
                            message.length);
                    return;
                }
                if (response.statusCode() != OK) {
                    throw Failures.refusal(gateway, response.statusCode(), response.headers(), body.readNBytes(16_384));
                }
                receiver.message(frame(read(response, body)));
            }
            if (response.headers().firstValue("Vmext-More").isPresent()) {
                receiver.more();
            }
        }

        private HttpRequest request(byte[] message) throws IOException {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("https://" + gateway + "/v1/opamp"))
                    .timeout(clients.stretched(ANSWER))
                    .header("Content-Type", "application/x-protobuf")
                    .header("Accept-Encoding", "gzip");
            token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
            machine.ifPresent(id -> request.header("OpAMP-Instance-UID", id.toString()));
            byte[] body = message;
            if (message.length >= WORTH_ZIPPING) {
                request.header("Content-Encoding", "gzip");
                body = zipped(message);
            }
            return request.POST(HttpRequest.BodyPublishers.ofByteArray(body)).build();
        }

        private static byte[] zipped(byte[] plain) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
                zip.write(plain);
            }
            return bytes.toByteArray();
        }

        /** The limit counts after decompression. */
        private static byte[] read(HttpResponse<InputStream> response, InputStream body) throws IOException {
            boolean zipped = response.headers()
                    .firstValue("Content-Encoding")
                    .filter(encoding -> encoding.equals("gzip"))
                    .isPresent();
            InputStream in = zipped ? new GZIPInputStream(body) : body;
            byte[] bytes = in.readNBytes(LARGEST + 1);
            if (bytes.length > LARGEST) {
                throw new IOException("the gateway sent a message larger than " + LARGEST + " bytes");
            }
            return bytes;
        }

        @Override
        public void send(byte[] frame) {
            outgoing.add(Optional.of(frame));
        }

        @Override
        public boolean polled() {
            return true;
        }

        @Override
        public boolean worn() {
            return !clock.instant().isBefore(until);
        }

        /** What was sent before still goes; a goodbye is worth a moment. */
        @Override
        public void close() {
            outgoing.add(Optional.empty()); // the end
            try {
                worker.join(GOODBYE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void abort() {
            aborted = true;
            outgoing.add(Optional.empty()); // the end
        }
    }
}
