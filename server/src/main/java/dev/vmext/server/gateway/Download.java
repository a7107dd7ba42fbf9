package dev.vmext.server.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Sends bytes that never change under their name: ranges, so that a broken download continues, and the entity tag that says whether
 * they are still the same. Streams; one thread per download.
 *
 * @param tag without quotes
 */
record Download(String mediaType, String tag, long size, Opener opener) {
    private static final int CHUNK = 64 * 1024;

    /** Opens the content at a byte. */
    @FunctionalInterface
    interface Opener {
        InputStream open(long from) throws IOException;
    }

    void send(Request request, Response response, Callback callback) {
        String quoted = '"' + tag + '"';
        response.getHeaders().put(HttpHeader.ETAG, quoted);
        response.getHeaders().put(HttpHeader.ACCEPT_RANGES, "bytes");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "private, no-transform");
        if (Objects.equals(request.getHeaders().get(HttpHeader.IF_NONE_MATCH), quoted)) {
            response.setStatus(HttpStatus.NOT_MODIFIED_304);
            callback.succeeded();
            return;
        }
        String ifRange = request.getHeaders().get(HttpHeader.IF_RANGE);
        Optional<String> range = ifRange == null || ifRange.equals(quoted)
                ? Optional.ofNullable(request.getHeaders().get(HttpHeader.RANGE))
                : Optional.empty();
        ByteRange part = switch (ByteRange.of(range, size)) {
            case ByteRange.Wanted.Whole() -> {
                response.setStatus(HttpStatus.OK_200);
                yield new ByteRange(0, size);
            }
            case ByteRange.Wanted.Part(ByteRange asked) -> {
                response.setStatus(HttpStatus.PARTIAL_CONTENT_206);
                response.getHeaders().put(HttpHeader.CONTENT_RANGE, asked.contentRange(size));
                yield asked;
            }
            case ByteRange.Wanted.Nothing() -> {
                response.setStatus(HttpStatus.RANGE_NOT_SATISFIABLE_416);
                response.getHeaders().put(HttpHeader.CONTENT_RANGE, "bytes */" + size);
                yield new ByteRange(0, 0);
            }
        };
        if (response.getStatus() == HttpStatus.RANGE_NOT_SATISFIABLE_416) {
            callback.succeeded();
            return;
        }
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, mediaType);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, part.length());
        if (request.getMethod().equals("HEAD")) {
            callback.succeeded();
            return;
        }
        try (InputStream in = opener.open(part.from());
                OutputStream out = Content.Sink.asOutputStream(response)) {
            copy(in, out, part.length());
        } catch (IOException e) {
            callback.failed(e);
            return;
        }
        callback.succeeded();
    }

    private static void copy(InputStream in, OutputStream out, long length) throws IOException {
        byte[] chunk = new byte[CHUNK];
        long left = length;
        while (left > 0) {
            int read = in.read(chunk, 0, (int) Math.min(chunk.length, left));
            if (read < 0) {
                throw new IOException("the file ends " + left + " bytes early");
            }
            out.write(chunk, 0, read);
            left -= read;
        }
    }
}
