package dev.vmext.server.http;

import dev.vmext.protocol.problem.Problem;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.config.Endpoint;
import dev.vmext.server.json.StrictJson;
import java.net.BindException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Executors;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The listening socket of the API and the portal, plain HTTP. Owned by Wiring; requests run on virtual threads. */
public final class ApiServer {
    private static final Duration IDLE = Duration.ofSeconds(60);

    private final Server server;
    private final ServerConnector connector;
    private final Endpoint endpoint;

    ApiServer(Endpoint endpoint, Handler handler) {
        this.endpoint = endpoint;
        var pool = new QueuedThreadPool(16, 2);
        pool.setName("api");
        pool.setVirtualThreadsExecutor(Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("api-", 0).factory()));
        server = new Server(pool);
        var http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(true);
        http.setRequestHeaderSize(16 * 1024);
        connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setHost(endpoint.host());
        connector.setPort(endpoint.port());
        connector.setIdleTimeout(IDLE.toMillis());
        server.addConnector(connector);
        server.setHandler(handler);
        server.setErrorHandler(ApiServer::unreadable);
    }

    public void start() {
        try {
            server.start();
        } catch (Exception e) {
            stopQuietly();
            if (e instanceof BindException || e.getCause() instanceof BindException) {
                throw portInUse("the API", "api", endpoint, e);
            }
            throw new IllegalStateException("cannot start the API on " + endpoint, e);
        }
    }

    /** The problem of a port that another program has. */
    public static ProblemException portInUse(String what, String key, Endpoint endpoint, Throwable cause) {
        return new ProblemException(
                ProblemCode.PORT_IN_USE,
                "cannot listen on " + endpoint + " for " + what + ": the port is taken",
                "Stop the program that has it (ss -ltnp 'sport = :" + endpoint.port()
                        + "' names it), or give another port with --" + key + " or " + key + " in server.json.",
                cause);
    }

    /** Takes no new requests and waits this long for those that run. */
    public void stop(Duration deadline) {
        server.setStopTimeout(deadline.toMillis());
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("cannot stop the API", e);
        }
    }

    private void stopQuietly() {
        try {
            server.stop();
        } catch (Exception e) {
            // The failure to start is what counts; a server that never listened holds nothing.
        }
    }

    /** Where it really listens. */
    public Endpoint address() {
        return endpoint.withPort(connector.getLocalPort());
    }

    /** What Jetty refuses before a request reaches our handler: a broken request line, a header too large. */
    private static boolean unreadable(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        Problem known = Problem.of(
                status >= 500 ? ProblemCode.INTERNAL : ProblemCode.MALFORMED_REQUEST,
                "cannot read the request: it is not HTTP that this server takes (status " + status + ")",
                "Correct the request.");
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, Problem.MEDIA_TYPE);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.write(true, ByteBuffer.wrap(StrictJson.write(known)), callback);
        return true;
    }
}
