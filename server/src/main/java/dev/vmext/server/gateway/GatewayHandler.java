package dev.vmext.server.gateway;

import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.MachineRecord;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.JsonWriter;
import dev.vmext.protocol.opamp.OpampCodec;
import dev.vmext.protocol.problem.Problem;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.blob.BlobStore;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;

/**
 * Takes the gateway's requests to their routes, after the access rule of the route, and refusals to problem documents. One thread per
 * request.
 */
final class GatewayHandler extends Handler.Abstract {
    /** The code of a refusal once more: clients of a WebSocket cannot read the body of a refused upgrade. */
    static final String PROBLEM_HEADER = "Vmext-Problem";

    private static final Logger LOG = System.getLogger(GatewayHandler.class.getName());
    private static final String RETRY_AFTER_SECONDS = "30";

    private final SessionParts parts;
    private final Fleet fleet;
    private final BlobStore blobs;
    private final ServerWebSocketContainer webSockets;
    private final OpampCodec codec;
    private final PolledLinks polls;
    private final MetricsPost metrics;
    private final RepositoryExchange repositories;
    private final ServiceCertificates certificates;
    private final Semaphore opening;

    GatewayHandler(
            SessionParts parts,
            BlobStore blobs,
            ServerWebSocketContainer webSockets,
            OpampCodec codec,
            PolledLinks polls,
            MetricsPost metrics,
            RepositoryExchange repositories) {
        this.parts = parts;
        this.fleet = parts.fleet();
        this.blobs = blobs;
        this.webSockets = webSockets;
        this.codec = codec;
        this.polls = polls;
        this.metrics = metrics;
        this.repositories = repositories;
        this.certificates = new ServiceCertificates(fleet, parts.authority().services());
        this.opening = new Semaphore(parts.settings().limits().opening());
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        try {
            route(request, response, callback);
        } catch (ProblemException e) {
            problem(e, request, response, callback);
        } catch (IOException e) {
            callback.failed(e);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a request to the gateway could not be handled", e);
            problem(
                    new ProblemException(
                            ProblemCode.INTERNAL,
                            "cannot answer " + request.getMethod() + ": an unexpected failure",
                            "look at the control plane's log"),
                    request,
                    response,
                    callback);
        }
        return true;
    }

    private void route(Request request, Response response, Callback callback) throws IOException {
        GatewayRoute.Match match = GatewayRoute.find(request.getHttpURI().getPath())
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.ROUTE_NOT_FOUND,
                        "cannot find " + request.getHttpURI().getPath() + " on the agent gateway",
                        "the API and the portal listen on another port"));
        if (!match.route().takes(request.getMethod())) {
            throw new ProblemException(
                    ProblemCode.METHOD_NOT_ALLOWED,
                    "cannot " + request.getMethod() + " " + request.getHttpURI().getPath(),
                    "use GET; OpAMP by polling, metrics and requests for certificates use POST");
        }
        switch (match.route().access()) {
            case PUBLIC -> sendAgent(match.variable(), request, response, callback);
            case LINK -> openLink(request, response, callback);
            case MACHINE -> {
                MachineRecord machine = parts.gatekeeper().machine(peer(request));
                switch (match.route()) {
                    case METRICS -> metrics.answer(machine, request, response, callback);
                    case REPOSITORY -> repositories.answer(machine, match.variable(), request, response, callback);
                    case CERTIFICATES -> certificates.answer(machine, match.variable(), request, response, callback);
                    case PACKAGE -> sendPackage(machine, match.variable(), request, response, callback);
                    case OPAMP, AGENT_ARCHIVE, AGENT_DEB -> throw new IllegalStateException("the table says otherwise");
                }
            }
        }
    }

    private void openLink(Request request, Response response, Callback callback) throws IOException {
        if (!opening.tryAcquire()) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, RETRY_AFTER_SECONDS);
            throw new ProblemException(
                    ProblemCode.SERVER_OVERLOADED,
                    "cannot open a link now: too many agents connect at the same time",
                    "come back after the time in Retry-After");
        }
        try {
            LinkIdentity identity = parts.gatekeeper()
                    .identify(Optional.ofNullable(request.getHeaders().get(HttpHeader.AUTHORIZATION)), peer(request));
            String remote = Request.getRemoteAddr(request);
            String endpoint = "wss://" + request.getHttpURI().getAuthority() + "/v1/opamp";
            if (request.getMethod().equals("POST")) {
                if (!PolledLinks.MEDIA_TYPE.equals(request.getHeaders().get(HttpHeader.CONTENT_TYPE))) {
                    throw new ProblemException(
                            ProblemCode.MALFORMED_REQUEST,
                            "cannot read the message: its Content-Type is not " + PolledLinks.MEDIA_TYPE,
                            "send OpAMP as Protocol Buffers");
                }
                polls.answer(identity, endpoint, request, response, callback);
                return;
            }
            boolean upgraded = webSockets.upgrade(
                    (upgrade, answer, done) -> new OpampSocket(
                            codec,
                            parts.settings(),
                            remote,
                            endpoint,
                            transport -> new AgentSession(parts, identity, transport)),
                    request,
                    response,
                    callback);
            if (!upgraded) {
                throw new ProblemException(
                        ProblemCode.MALFORMED_REQUEST,
                        "cannot open a link: the request is no WebSocket upgrade",
                        "connect with a WebSocket client that speaks OpAMP, or POST messages as "
                                + PolledLinks.MEDIA_TYPE);
            }
        } finally {
            opening.release();
        }
    }

    private void sendPackage(MachineRecord machine, String hex, Request request, Response response, Callback callback) {
        Digest digest = Digest.ofHex(hex);
        OptionalLong size = fleet.packageAllowed(machine.id(), digest) ? size(digest) : OptionalLong.empty();
        // The same answer for a package that is not there and one that is not for this machine.
        if (size.isEmpty()) {
            throw new ProblemException(
                    ProblemCode.PACKAGE_NOT_FOUND,
                    "cannot send " + digest + " to machine " + machine.name() + ": its goal has no such package",
                    "ask for the packages of the newest goal");
        }
        new Download("application/zip", digest.text(), size.getAsLong(), from -> blobs.open(digest, from))
                .send(request, response, callback);
    }

    private OptionalLong size(Digest digest) {
        return blobs.size(digest);
    }

    private void sendAgent(String name, Request request, Response response, Callback callback) throws IOException {
        Optional<Path> file = parts.settings().agentFolder().map(folder -> folder.resolve(name));
        if (file.isEmpty() || !Files.isRegularFile(file.get())) {
            throw new ProblemException(
                    ProblemCode.AGENT_BUILD_MISSING,
                    "cannot send " + name + ": the guest agent was not built on this host",
                    "build it with vmext up, or set the folder of its archives in server.json");
        }
        long size = Files.size(file.get());
        String tag = size + "-" + Files.getLastModifiedTime(file.get()).toMillis();
        new Download("application/octet-stream", tag, size, from -> openAt(file.get(), from))
                .send(request, response, callback);
    }

    private static InputStream openAt(Path file, long from) throws IOException {
        FileChannel channel = FileChannel.open(file);
        try {
            return Channels.newInputStream(channel.position(from));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static Optional<X509Certificate> peer(Request request) {
        if (request.getAttribute(EndPoint.SslSessionData.ATTRIBUTE) instanceof EndPoint.SslSessionData data) {
            X509Certificate[] chain = data.peerCertificates();
            return chain == null || chain.length == 0 ? Optional.empty() : Optional.of(chain[0]);
        }
        return Optional.empty();
    }

    private static void problem(ProblemException refused, Request request, Response response, Callback callback) {
        Problem problem = refused.problem();
        LOG.log(
                problem.status() >= 500 ? Level.WARNING : Level.INFO,
                "{0}: refused a request: {1}",
                Request.getRemoteAddr(request),
                problem.detail());
        response.setStatus(problem.status());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, Problem.MEDIA_TYPE);
        response.getHeaders().put(PROBLEM_HEADER, problem.code());
        if (problem.status() == ProblemCode.NOT_SIGNED_IN.httpStatus()) {
            response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer realm=\"vmext\"");
        }
        byte[] body = new JsonWriter()
                .text("type", problem.type())
                .text("title", problem.title())
                .number("status", problem.status())
                .text("detail", problem.detail())
                .text("code", problem.code())
                .text("hint", problem.hint())
                .bool("retry", problem.retry())
                .toBytes();
        response.write(true, ByteBuffer.wrap(body), callback);
    }
}
