package dev.vmext.server.gateway;

import dev.vmext.fleet.MachineRecord;
import dev.vmext.protocol.metrics.OtlpMetrics;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.metrics.MetricIntake;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * {@code POST /v1/metrics}: OTLP over HTTP, answered when the samples are on the disk. Only so many bodies are in memory at a time; who
 * comes beyond that is told when to come back. One thread per request.
 */
final class MetricsPost {
    /** Bodies held at a time: each may take a few times {@link OtlpMetrics#LIMITS} once read. */
    private static final int AT_A_TIME = 12;

    private static final int WAIT_SECONDS = 5;
    private static final String RETRY_AFTER_SECONDS = "10";

    private final MetricIntake intake;
    private final Semaphore places = new Semaphore(AT_A_TIME, true);

    MetricsPost(MetricIntake intake) {
        this.intake = intake;
    }

    void answer(MachineRecord machine, Request request, Response response, Callback callback) throws IOException {
        String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
        if (type == null || !type.split(";", 2)[0].strip().equals(OtlpMetrics.CONTENT_TYPE)) {
            throw unreadable("its Content-Type is not " + OtlpMetrics.CONTENT_TYPE);
        }
        byte[] answer;
        if (!place()) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, RETRY_AFTER_SECONDS);
            throw new ProblemException(
                    ProblemCode.SERVER_OVERLOADED,
                    "cannot take metrics now: too many machines send them at the same time",
                    "send them again after the time in Retry-After");
        }
        try {
            switch (intake.take(machine.id(), machine.name(), body(request))) {
                case MetricIntake.Outcome.Taken(byte[] taken) -> answer = taken;
                case MetricIntake.Outcome.TooFast(ProblemException problem, long seconds) -> {
                    response.getHeaders().put(HttpHeader.RETRY_AFTER, Long.toString(seconds));
                    throw problem;
                }
            }
        } catch (ProblemException e) {
            if (e.problem().code().equals(ProblemCode.SERVER_OVERLOADED.wire())) {
                response.getHeaders().put(HttpHeader.RETRY_AFTER, RETRY_AFTER_SECONDS);
            }
            throw e;
        } finally {
            places.release();
        }
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, OtlpMetrics.CONTENT_TYPE);
        response.write(true, ByteBuffer.wrap(answer), callback);
    }

    private boolean place() throws IOException {
        try {
            return places.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the gateway stops", e);
        }
    }

    private static byte[] body(Request request) throws IOException {
        int limit = OtlpMetrics.LIMITS.maxMessageBytes();
        InputStream in = Request.asInputStream(request);
        String encoding = request.getHeaders().get(HttpHeader.CONTENT_ENCODING);
        byte[] bytes = in.readNBytes(limit + 1);
        if (bytes.length > limit) {
            // Who writes all before he reads the answer would see a broken connection in place of it.
            var _ = in.skip(limit);
            throw tooLarge(limit);
        }
        if (encoding == null || encoding.equals("identity")) {
            return bytes;
        }
        if (!encoding.equals("gzip")) {
            throw unreadable("its Content-Encoding is not gzip");
        }
        byte[] plain;
        try (InputStream unzipped = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            plain = unzipped.readNBytes(limit + 1);
        } catch (IOException e) {
            throw unreadable("it is not gzip");
        }
        if (plain.length > limit) {
            throw tooLarge(limit);
        }
        return plain;
    }

    private static ProblemException tooLarge(int limit) {
        return new ProblemException(
                ProblemCode.REQUEST_TOO_LARGE,
                "cannot read the metrics: they are larger than " + limit + " bytes",
                "send them in smaller batches");
    }

    private static ProblemException unreadable(String why) {
        return new ProblemException(
                ProblemCode.MALFORMED_REQUEST,
                "cannot read the metrics: " + why,
                "send OTLP as Protocol Buffers, plain or in gzip");
    }
}
