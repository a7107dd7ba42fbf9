package dev.vmext.cli;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JavaType;
import dev.vmext.protocol.api.Items;
import dev.vmext.protocol.problem.Problem;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The public HTTP API, one call a method. Blocking; safe for use by several threads. */
final class ApiClient implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final Duration UPLOAD = Duration.ofMinutes(10);
    /** The control plane itself waits up to 90 s for an agent that examines its machine. */
    private static final Duration EXAMINATION = Duration.ofMinutes(2);

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(CONNECT).build();
    private final String base;
    private final String token;

    /** A client of one control plane.
     *
     * @param base for example {@code http://127.0.0.1:7440} */
    ApiClient(String base, String token) {
        this.base = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
        this.token = token;
    }

    String base() {
        return base;
    }

    <T> T get(String path, Class<T> type) throws InterruptedException {
        return read(send(request(path).GET().build()), Json.MAPPER.constructType(type));
    }

    /** Like {@link #get}, for what an agent must be asked for and may think about. */
    <T> T examine(String path, Class<T> type) throws InterruptedException {
        return read(send(request(path).timeout(EXAMINATION).GET().build()), Json.MAPPER.constructType(type));
    }

    /** Like {@link #get}, but nothing there is an answer and not a failure. */
    <T> Optional<T> find(String path, Class<T> type) throws InterruptedException {
        HttpResponse<String> response = exchange(request(path).GET().build());
        if (response.statusCode() == 404 && isResourceMissing(response)) {
            return Optional.empty();
        }
        refuse(response);
        return Optional.of(read(response, Json.MAPPER.constructType(type)));
    }

    <T> List<T> list(String path, Class<T> type) throws InterruptedException {
        JavaType items = Json.MAPPER.getTypeFactory().constructParametricType(Items.class, type);
        Items<T> answer = read(send(request(path).GET().build()), items);
        return answer.items();
    }

    <T> T post(String path, @Nullable Object body, Class<T> type) throws InterruptedException {
        return read(send(json(path, "POST", body).build()), Json.MAPPER.constructType(type));
    }

    <T> T put(String path, Object body, boolean mustBeNew, Class<T> type) throws InterruptedException {
        HttpRequest.Builder request = json(path, "PUT", body);
        if (mustBeNew) {
            request.header("If-None-Match", "*");
        }
        return read(send(request.build()), Json.MAPPER.constructType(type));
    }

    <T> T patch(String path, Object body, Class<T> type) throws InterruptedException {
        return read(send(json(path, "PATCH", body).build()), Json.MAPPER.constructType(type));
    }

    void delete(String path) throws InterruptedException {
        send(request(path).DELETE().build());
    }

    <T> T upload(String path, Path file, String signature, Class<T> type) throws InterruptedException {
        try {
            HttpRequest request = request(path)
                    .timeout(UPLOAD)
                    .header("Content-Type", "application/zip")
                    .header(
                            "Vmext-Signature",
                            java.util.Base64.getEncoder().encodeToString(signature.getBytes(StandardCharsets.UTF_8)))
                    .POST(HttpRequest.BodyPublishers.ofFile(file))
                    .build();
            return read(send(request), Json.MAPPER.constructType(type));
        } catch (java.io.FileNotFoundException e) {
            throw Json.unreadable(file, e);
        }
    }

    /**
     * Server-sent events; they may go on for hours.
     *
     * @throws IOException when nobody answers: who follows something may come again
     * @throws ProblemException when the control plane refuses
     */
    EventStream stream(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + path))
                .header("Authorization", "Bearer " + token)
                .header("Accept", "text/event-stream, " + Problem.MEDIA_TYPE)
                .build();
        HttpResponse<InputStream> response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        if (response.statusCode() < 300) {
            return new EventStream(response.body());
        }
        try (InputStream body = response.body()) {
            throw refusal(response.statusCode(), new String(body.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    /** What is said when nobody answers. */
    ProblemException unreachable(IOException why) {
        return why instanceof ConnectException
                ? new ProblemException(
                        ProblemCode.SERVER_UNREACHABLE,
                        "cannot reach the control plane at " + base + ": nothing answers there",
                        "Start it with './vmext up', or choose another one with 'vmext context use'.",
                        why)
                : new ProblemException(
                        ProblemCode.SERVER_UNREACHABLE,
                        "cannot talk to the control plane at " + base + ": " + why.getMessage(),
                        "See whether it runs with 'vmext status'; its log is VMEXT_HOME/log/server.log.",
                        why);
    }

    /** A path segment from outside. */
    static String segment(String raw) {
        return URLEncoder.encode(raw, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path))
                .timeout(ANSWER)
                .header("Authorization", "Bearer " + token)
                .header("Accept", "application/json, " + Problem.MEDIA_TYPE);
    }

    private HttpRequest.Builder json(String path, String method, @Nullable Object body) {
        HttpRequest.BodyPublisher publisher;
        try {
            publisher = body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(Json.MAPPER.writeValueAsBytes(body));
        } catch (JacksonException e) {
            throw new IllegalStateException("a request body of our own cannot be written", e);
        }
        return request(path).header("Content-Type", "application/json").method(method, publisher);
    }

    private HttpResponse<String> send(HttpRequest request) throws InterruptedException {
        HttpResponse<String> response = exchange(request);
        refuse(response);
        return response;
    }

    private HttpResponse<String> exchange(HttpRequest request) throws InterruptedException {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (HttpTimeoutException e) {
            throw new ProblemException(
                    ProblemCode.SERVER_UNREACHABLE,
                    "cannot get an answer from the control plane at " + base + " in time",
                    "Look at its log: VMEXT_HOME/log/server.log.",
                    e);
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private static boolean isResourceMissing(HttpResponse<String> response) {
        return problemOf(response.body())
                .flatMap(p -> ProblemCode.find(p.code()))
                .filter(code -> code != ProblemCode.ROUTE_NOT_FOUND)
                .isPresent();
    }

    private static Optional<Problem> problemOf(String body) {
        try {
            return Optional.ofNullable(Json.MAPPER.readValue(body, Problem.class));
        } catch (JacksonException | NullPointerException e) {
            return Optional.empty();
        }
    }

    private void refuse(HttpResponse<String> response) {
        if (response.statusCode() < 300) {
            return;
        }
        throw refusal(response.statusCode(), response.body());
    }

    private ProblemException refusal(int status, String body) {
        Problem problem = problemOf(body)
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.SERVER_UNREACHABLE,
                        "cannot understand what answers at " + base + ": HTTP " + status
                                + " without a problem description",
                        "Is this the address of a vmext control plane? See 'vmext context list'."));
        ProblemCode code = ProblemCode.find(problem.code()).orElse(ProblemCode.OPERATION_FAILED);
        return new ProblemException(code, problem.detail(), problem.hint());
    }

    @SuppressWarnings("TypeParameterUnusedInFormals") // the callers' public signatures tie T to the type
    private <T> T read(HttpResponse<String> response, JavaType type) {
        try {
            T value = Json.MAPPER.readValue(response.body(), type);
            if (value == null) {
                throw new IllegalStateException("an empty answer from " + response.uri());
            }
            return value;
        } catch (JacksonException e) {
            throw new ProblemException(
                    ProblemCode.SERVER_UNREACHABLE,
                    "cannot understand the answer of " + response.uri() + ": " + e.getOriginalMessage(),
                    "Are command line and control plane of the same release? See 'vmext status'.",
                    e);
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
