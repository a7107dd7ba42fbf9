package dev.vmext.server.http;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;

/** What a route answers, before it is bytes on a connection. */
sealed interface Answer {
    /** Header fields beside those that every answer has. */
    Map<String, String> headers();

    /** A JSON document. */
    record Json(int status, Object body, Map<String, String> headers) implements Answer {
        public Json {
            headers = Map.copyOf(headers);
        }
    }

    /** Done, and nothing to say. */
    record Nothing(Map<String, String> headers) implements Answer {
        public Nothing {
            headers = Map.copyOf(headers);
        }
    }

    /** Bytes as they come, written by the thread that answers. */
    record Stream(String mediaType, Map<String, String> headers, Writer writer) implements Answer {
        public Stream {
            headers = Map.copyOf(headers);
        }

        /** Writes until the end; an exception cuts the connection. */
        @FunctionalInterface
        interface Writer {
            void write(OutputStream out) throws IOException;
        }
    }

    static Answer ok(Object body) {
        return new Json(200, body, Map.of());
    }

    static Answer created(Object body, String location) {
        return new Json(201, body, Map.of("Location", location));
    }

    static Answer nothing() {
        return new Nothing(Map.of());
    }
}
