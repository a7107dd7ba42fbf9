package dev.vmext.systemtests.vm;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Folders of the host that the machine can read over HTTP: the one door between them that a story opens, instead of the network. It
 * listens on loopback, which the machine sees as 10.0.2.2. Every request is remembered, so that a story can tell what was asked for.
 */
final class HostFiles implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Path> folders = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();

    HostFiles() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(workers);
        server.start();
    }

    /** Serves this folder under that name from now on, in place of an earlier one; returns its address as the machine sees it. */
    String serve(String name, Path folder) {
        folders.put(name, folder);
        return address(name);
    }

    /** Where the machine finds the folder of that name; ends with a slash. */
    String address(String name) {
        return "http://10.0.2.2:" + server.getAddress().getPort() + "/" + name + "/";
    }

    /** The paths that were asked for, oldest first. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            requests.add(path);
            String[] parts = path.split("/", 3);
            Path folder = parts.length == 3 ? folders.get(parts[1]) : null;
            Path file = folder == null ? null : folder.resolve(parts[2]).normalize();
            if (folder == null || file == null || !file.startsWith(folder) || !Files.isRegularFile(file)) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            boolean body = !exchange.getRequestMethod().equals("HEAD");
            if (!body) {
                exchange.getResponseHeaders().set("Content-Length", Long.toString(Files.size(file)));
            }
            exchange.sendResponseHeaders(200, body ? length(file) : -1);
            if (body) {
                Files.copy(file, exchange.getResponseBody());
            }
        }
    }

    /** For this server 0 means "unknown" and -1 "nothing". */
    private static long length(Path file) throws IOException {
        long size = Files.size(file);
        return size == 0 ? -1 : size;
    }

    @Override
    public void close() {
        server.stop(0);
        workers.close();
    }
}
