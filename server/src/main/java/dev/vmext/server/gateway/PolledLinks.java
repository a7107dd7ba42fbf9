package dev.vmext.server.gateway;

import dev.vmext.protocol.opamp.AgentToServer;
import dev.vmext.protocol.opamp.MalformedMessageException;
import dev.vmext.protocol.opamp.OpampCodec;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * OpAMP over plain HTTP: POST of one message, its answer in the reply, on the address of the WebSocket. Who polls has a {@link
 * PolledLink} until it is silent for as long as a WebSocket may be. Thread-safe.
 */
final class PolledLinks {
    static final String MEDIA_TYPE = "application/x-protobuf";
    /** Says in a reply that there is more to say: the agent should ask again at once. */
    static final String MORE_HEADER = "Vmext-More";

    private static final int WORTH_ZIPPING = 512;

    private final SessionParts parts;
    private final OpampCodec codec;
    private final Map<String, PolledLink> links = new ConcurrentHashMap<>();

    PolledLinks(SessionParts parts, OpampCodec codec) {
        this.parts = parts;
        this.codec = codec;
    }

    /** Answers one poll of a peer that was let in. */
    void answer(LinkIdentity identity, String endpoint, Request request, Response response, Callback callback)
            throws IOException {
        byte[] body = body(request);
        PolledLink.Answer answer;
        try {
            answer = link(identity, endpoint, Request.getRemoteAddr(request), body)
                    .exchange(body, codec, now(), PolledLink.PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the gateway stops");
        }
        byte[] reply = codec.encode(answer.message());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, MEDIA_TYPE);
        if (answer.more()) {
            response.getHeaders().put(MORE_HEADER, "1");
        }
        String accepted = request.getHeaders().get(HttpHeader.ACCEPT_ENCODING);
        if (reply.length >= WORTH_ZIPPING && accepted != null && accepted.contains("gzip")) {
            response.getHeaders().put(HttpHeader.CONTENT_ENCODING, "gzip");
            reply = zipped(reply);
        }
        response.write(true, ByteBuffer.wrap(reply), callback);
    }

    private Instant now() {
        return parts.clock().instant();
    }

    /**
     * The link that this message belongs to. An agent that introduces itself has begun anew, or does not know whether the last answer
     * was meant for it: what was sent and never arrived must not count as sent.
     */
    private PolledLink link(LinkIdentity identity, String endpoint, String remote, byte[] body) {
        String key = switch (identity) {
            case LinkIdentity.CertificateHolder holder -> holder.certificate().serial();
            case LinkIdentity.TokenHolder holder ->
                "token of " + holder.machine().id();
        };
        boolean introduction = introduces(body);
        return links.compute(key, (same, known) -> {
            if (known != null && !introduction && !known.closed()) {
                return known;
            }
            PolledLink made = new PolledLink(
                    parts.settings(),
                    remote,
                    endpoint,
                    now(),
                    transport -> new AgentSession(parts, identity, transport));
            if (known != null) {
                known.close(LinkTransport.REPLACED, "the agent began anew");
            }
            return made;
        });
    }

    private boolean introduces(byte[] body) {
        try {
            AgentToServer message = codec.decodeAgentToServer(body);
            return message.agentDescription() != null && message.customCapabilities() != null;
        } catch (MalformedMessageException e) {
            return false; // the session says so
        }
    }

    /** Ends the links of agents that have stopped asking. */
    void dropSilent() {
        Instant then = now().minus(parts.settings().silence());
        links.forEach((key, link) -> {
            if (link.silentSince(then)) {
                links.remove(key, link);
                link.close(LinkTransport.GOING_AWAY, "it was silent for too long");
            }
        });
    }

    private byte[] body(Request request) throws IOException {
        int limit = parts.settings().limits().messageBytes();
        InputStream in = Request.asInputStream(request);
        byte[] bytes = in.readNBytes(limit + 1);
        if (bytes.length > limit) {
            // Who writes all before he reads the answer would see a broken connection in place of it.
            var _ = in.skip(limit);
            throw tooLarge(limit);
        }
        String encoding = request.getHeaders().get(HttpHeader.CONTENT_ENCODING);
        if (encoding == null || encoding.equals("identity")) {
            return bytes;
        }
        if (!encoding.equals("gzip")) {
            throw unreadable("its Content-Encoding is not gzip");
        }
        try (InputStream unzipped = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            return limited(unzipped, limit);
        } catch (IOException e) {
            throw unreadable("it is not gzip");
        }
    }

    /** The limit counts after decompression. */
    private static byte[] limited(InputStream in, int limit) throws IOException {
        byte[] bytes = in.readNBytes(limit + 1);
        if (bytes.length > limit) {
            throw tooLarge(limit);
        }
        return bytes;
    }

    private static ProblemException tooLarge(int limit) {
        return new ProblemException(
                ProblemCode.REQUEST_TOO_LARGE,
                "cannot read the message: it is larger than " + limit + " bytes",
                "do not send it again");
    }

    private static ProblemException unreadable(String why) {
        return new ProblemException(
                ProblemCode.MALFORMED_REQUEST, "cannot read the message: " + why, "send OpAMP as Protocol Buffers");
    }

    private static byte[] zipped(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
            zip.write(plain);
        }
        return bytes.toByteArray();
    }
}
