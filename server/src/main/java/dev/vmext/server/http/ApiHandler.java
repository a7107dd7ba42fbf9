package dev.vmext.server.http;

import dev.vmext.protocol.problem.Problem;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.json.StrictJson;
import dev.vmext.server.json.Suggestion;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;

/**
 * Takes a request through gate, table, endpoint and translator. Blocks, on the request's virtual thread. Everything outside {@code /v1}
 * goes to the portal's files.
 */
final class ApiHandler extends Handler.Abstract {
    private static final System.Logger LOG = System.getLogger(ApiHandler.class.getName());

    /** Of a refused request's body; a sender of more than this has to live with a reset. */
    private static final long MOST_DROPPED = 64L << 20;

    /** Query parameters that may be given more than once; their values come with line breaks between them. */
    private static final Set<String> REPEATED = Set.of("match", "match[]");

    private final Routes routes;
    private final Gate gate;
    private final ProblemTranslator translator;
    private final PortalFiles portal;

    ApiHandler(Routes routes, Gate gate, ProblemTranslator translator, PortalFiles portal) {
        super(InvocationType.BLOCKING);
        this.routes = routes;
        this.gate = gate;
        this.translator = translator;
        this.portal = portal;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        response.getHeaders().put("Referrer-Policy", "no-referrer");
        String path = Request.getPathInContext(request);
        try {
            gate.checkHost(request.getHeaders());
            if (path.equals("/v1") || path.startsWith("/v1/")) {
                response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
                send(answer(request, path), response, callback);
            } else {
                portal.serve(request.getMethod(), path, response, callback);
            }
        } catch (Exception | LinkageError | AssertionError e) {
            fail(e, request, response, callback);
        }
        return true;
    }

    private Answer answer(Request request, String path) throws Exception {
        Routes.Match match = routes.find(request.getMethod(), segments(path));
        Route route = match.route();
        Caller caller = gate.admit(route, request.getHeaders(), Request.getCookies(request));
        Map<String, String> query = query(request, route);
        if (request.getLength() > route.bodyLimit()) {
            throw route.bodyLimit() == 0 ? noBody() : LimitedInput.tooLarge(route.bodyLimit());
        }
        InputStream body = Request.asInputStream(request);
        if (route.bodyLimit() == 0 && request.getLength() < 0 && body.read() >= 0) {
            throw noBody();
        }
        return route.endpoint()
                .answer(new Call(match.path(), query, request.getHeaders(), caller, body, route.bodyLimit()));
    }

    private static ProblemException noBody() {
        return new ProblemException(
                ProblemCode.MALFORMED_REQUEST,
                "cannot read the request: this address takes no body",
                "Send the request without one.");
    }

    private static List<String> segments(String path) {
        List<String> segments = new ArrayList<>();
        for (String segment : path.substring(1).split("/", -1)) {
            segments.add(segment);
        }
        return segments;
    }

    private static Map<String, String> query(Request request, Route route) {
        Map<String, String> values = new HashMap<>();
        Fields fields;
        try {
            fields = Request.extractQueryParameters(request);
        } catch (RuntimeException e) {
            throw new ProblemException(
                    ProblemCode.MALFORMED_REQUEST,
                    "cannot read the request: its query is not well-formed",
                    "Encode the query as application/x-www-form-urlencoded.",
                    e);
        }
        for (Fields.Field field : fields) {
            if (!route.query().contains(field.getName())) {
                throw new ProblemException(
                        ProblemCode.MALFORMED_REQUEST,
                        "cannot read the request: there is no query parameter \"" + Shown.text(field.getName()) + "\"",
                        Suggestion.sentence(field.getName(), route.query()));
            }
            if (field.getValues().size() > 1 && REPEATED.contains(field.getName())) {
                values.put(field.getName(), String.join("\n", field.getValues()));
                continue;
            }
            if (field.getValues().size() > 1) {
                throw new ProblemException(
                        ProblemCode.MALFORMED_REQUEST,
                        "cannot read the request: query parameter " + field.getName() + " is given twice",
                        "Give it once.");
            }
            values.put(field.getName(), field.getValue());
        }
        return values;
    }

    private static void send(Answer answer, Response response, Callback callback) throws Exception {
        answer.headers().forEach((name, value) -> response.getHeaders().put(name, value));
        switch (answer) {
            case Answer.Json json -> sendJson(response, json.status(), "application/json", json.body(), callback);
            case Answer.Nothing _ -> {
                response.setStatus(204);
                callback.succeeded();
            }
            case Answer.Stream stream -> {
                response.setStatus(200);
                response.getHeaders().put(HttpHeader.CONTENT_TYPE, stream.mediaType());
                try (OutputStream out = Content.Sink.asOutputStream(response)) {
                    stream.writer().write(out);
                }
                callback.succeeded();
            }
        }
    }

    private static void sendJson(Response response, int status, String mediaType, Object body, Callback callback) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, mediaType);
        response.write(true, ByteBuffer.wrap(StrictJson.write(body)), callback);
    }

    /** Whoever is still sending when the connection is closed sees a reset and not the answer, so the rest of the body is read and dropped. */
    private static void readRest(Request request) {
        if (request.getLength() == 0 || request.getHeaders().contains(HttpHeader.EXPECT)) {
            return;
        }
        try {
            byte[] dropped = new byte[16 * 1024];
            InputStream body = Request.asInputStream(request);
            long left = MOST_DROPPED;
            for (int n = body.read(dropped); n >= 0 && left > 0; n = body.read(dropped)) {
                left -= n;
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "The rest of a refused request did not come", e);
        }
    }

    private void fail(Throwable failure, Request request, Response response, Callback callback) {
        String subject = request.getMethod() + " " + Shown.text(Request.getPathInContext(request));
        if (response.isCommitted()) {
            // Half an answer is out: cutting the connection is the only way left to say that it is not whole.
            LOG.log(System.Logger.Level.DEBUG, "Cut the answer to " + subject, failure);
            callback.failed(failure);
            return;
        }
        Problem problem = translator.translate(failure, subject);
        readRest(request);
        response.reset();
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        if (problem.status() == 401) {
            response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer realm=\"vmext\"");
        }
        sendJson(response, problem.status(), Problem.MEDIA_TYPE, problem, callback);
    }
}
