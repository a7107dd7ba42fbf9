package dev.vmext.backup;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A server of restic's REST protocol on a folder, that takes nothing away but locks: for tests that stop it in the middle or let it
 * refuse. Any thread.
 */
final class AppendOnlyServer implements AutoCloseable {
    private final HttpServer server;
    private final Path folder;
    private final List<String> refused = new CopyOnWriteArrayList<>();
    private final AtomicInteger stored = new AtomicInteger();
    private volatile boolean held;
    private volatile int holdAt;
    private volatile int answer;
    private final AtomicInteger waiting = new AtomicInteger();

    AppendOnlyServer(Path folder) throws IOException {
        this.folder = folder;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    String url() {
        return "rest:http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    /** From now on transfers of data wait until {@link #release}. */
    void hold() {
        held = true;
    }

    /** As {@link #hold}, from the moment on at which the next file of data is stored. */
    void holdAfterNext() {
        holdAt = stored.get() + 1;
    }

    void release() {
        synchronized (this) {
            held = false;
            holdAt = 0;
            notifyAll();
        }
    }

    /** From now on data is refused with this status; 0 takes it again. */
    void answerDataWith(int status) {
        answer = status;
    }

    int waiting() {
        return waiting.get();
    }

    /** How many files of data were stored. */
    int stored() {
        return stored.get();
    }

    /** What was asked for and must not be given: deletions and replacements. */
    List<String> refused() {
        return List.copyOf(refused);
    }

    private void handle(HttpExchange call) throws IOException {
        try (call) {
            String path = call.getRequestURI().getPath();
            String method = call.getRequestMethod();
            if (path.startsWith("/data/") && !path.equals("/data/")) {
                holdBack();
                if (answer != 0 && method.equals("POST")) {
                    try (InputStream in = call.getRequestBody()) {
                        in.skip(Long.MAX_VALUE);
                    }
                    call.sendResponseHeaders(answer, -1);
                    return;
                }
            }
            switch (method) {
                case "POST" -> post(call, path);
                case "DELETE" -> delete(call, path);
                default -> get(call, path, method.equals("HEAD"));
            }
        }
    }

    private synchronized void holdBack() {
        waiting.incrementAndGet();
        try {
            while (held) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            waiting.decrementAndGet();
        }
    }

    private Path file(String path) {
        List<String> parts = List.of(path.substring(1).split("/", -1));
        return parts.size() == 2
                        && parts.getFirst().equals("data")
                        && parts.get(1).length() > 2
                ? folder.resolve("data").resolve(parts.get(1).substring(0, 2)).resolve(parts.get(1))
                : folder.resolve(path.substring(1));
    }

    private void post(HttpExchange call, String path) throws IOException {
        if (path.equals("/")) {
            for (String name : List.of("data", "index", "keys", "locks", "snapshots")) {
                Files.createDirectories(folder.resolve(name));
            }
            call.sendResponseHeaders(200, -1);
            return;
        }
        Path file = file(path);
        if (Files.exists(file)) {
            refused.add("POST " + path);
            call.sendResponseHeaders(403, -1);
            return;
        }
        Files.createDirectories(file.getParent());
        Path part = Files.createTempFile(folder, "part", "");
        try (InputStream in = call.getRequestBody()) {
            Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
            String length = call.getRequestHeaders().getFirst("Content-Length");
            if (length != null && Files.size(part) != Long.parseLong(length)) {
                throw new IOException("cut off");
            }
            Files.move(part, file);
        } finally {
            Files.deleteIfExists(part);
        }
        if (path.startsWith("/data/")) {
            held |= stored.incrementAndGet() == holdAt;
        }
        call.sendResponseHeaders(200, -1);
    }

    private void delete(HttpExchange call, String path) throws IOException {
        if (!path.startsWith("/locks/")) {
            refused.add("DELETE " + path);
            call.sendResponseHeaders(403, -1);
            return;
        }
        call.sendResponseHeaders(Files.deleteIfExists(file(path)) ? 200 : 404, -1);
    }

    private void get(HttpExchange call, String path, boolean head) throws IOException {
        Path file = file(path);
        if (path.endsWith("/")) {
            list(call, file);
            return;
        }
        if (!Files.isRegularFile(file)) {
            call.sendResponseHeaders(404, -1);
            return;
        }
        byte[] all = Files.readAllBytes(file);
        if (head) {
            call.getResponseHeaders().set("Content-Length", Integer.toString(all.length));
            call.sendResponseHeaders(200, -1);
            return;
        }
        String range = call.getRequestHeaders().getFirst("Range");
        int from = 0;
        int to = all.length;
        if (range != null) {
            String[] ends = range.substring("bytes=".length()).split("-", -1);
            from = Integer.parseInt(ends[0]);
            to = ends[1].isEmpty() ? all.length : Math.min(all.length, Integer.parseInt(ends[1]) + 1);
        }
        call.sendResponseHeaders(range == null ? 200 : 206, to - from == 0 ? -1 : to - from);
        call.getResponseBody().write(all, from, to - from);
    }

    private static void list(HttpExchange call, Path folder) throws IOException {
        StringBuilder json = new StringBuilder("[");
        if (Files.isDirectory(folder)) {
            try (Stream<Path> walk = Files.walk(folder)) {
                for (Path file : walk.filter(Files::isRegularFile).toList()) {
                    json.append(json.length() == 1 ? "" : ",")
                            .append("{\"name\":\"")
                            .append(file.getFileName())
                            .append("\",\"size\":")
                            .append(Files.size(file))
                            .append('}');
                }
            }
        }
        byte[] body = json.append(']').toString().getBytes(StandardCharsets.UTF_8);
        call.getResponseHeaders().set("Content-Type", "application/vnd.x.restic.rest.v2");
        call.sendResponseHeaders(200, body.length);
        call.getResponseBody().write(body);
    }

    @Override
    public void close() {
        release();
        server.stop(0);
    }
}
