package dev.vmext.bench.footprint;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.vmext.bench.footprint.GoalDocuments.Wish;
import dev.vmext.systemtests.product.Api;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;

/**
 * What waagent takes for its cloud: goal states and documents on port 80, the host's plugin on port 32526, instance metadata. Holds one
 * wish and remembers when it was asked and the newest status. Any thread.
 */
@SuppressWarnings("try") // closing waits for the requests under way
final class GoalStateServer implements AutoCloseable {
    private final byte[] zip;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<HttpServer> servers = new ArrayList<>();
    private Wish wish = new Wish(1, "", 0, "");
    private long contacts;
    private JsonNode status = Api.JSON.createObjectNode();

    GoalStateServer(byte[] zip) throws IOException {
        this.zip = zip;
        listen("168.63.129.16", 80);
        listen("168.63.129.16", 32526);
        listen("169.254.169.254", 80);
    }

    private void listen(String address, int port) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(address, port), 0);
        server.createContext("/", port == 80 ? this::wire : this::plugin);
        server.setExecutor(threads);
        server.start();
        servers.add(server);
    }

    synchronized Wish wish() {
        return wish;
    }

    synchronized void wish(Wish next) {
        wish = next;
    }

    /** Forgets what it was told, for the next start of an agent. */
    synchronized void forget() {
        contacts = 0;
        status = Api.JSON.createObjectNode();
    }

    synchronized void awaitContact() throws InterruptedException {
        while (contacts == 0) {
            wait();
        }
    }

    synchronized void awaitStatus(Predicate<JsonNode> wanted) throws InterruptedException {
        while (!wanted.test(status)) {
            wait();
        }
    }

    private void wire(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        byte[] body = exchange.getRequestBody().readAllBytes();
        if (query.equals("comp=versions")) {
            contact();
            answer(exchange, 200, GoalDocuments.VERSIONS);
        } else if (query.equals("comp=goalstate")) {
            answer(exchange, 200, GoalDocuments.goalState(wish()));
        } else if (query.equals("comp=roleProperties")) {
            answer(exchange, 202, "");
        } else {
            switch (path) {
                case "/hosting" -> answer(exchange, 200, GoalDocuments.HOSTING);
                case "/shared" -> answer(exchange, 200, GoalDocuments.SHARED);
                case "/extensions" -> answer(exchange, 200, GoalDocuments.extensions(wish()));
                case "/manifest.xml" -> answer(exchange, 200, GoalDocuments.PACKAGES);
                case "/package.zip" -> answer(exchange, 200, zip);
                case "/metadata/instance/compute" -> answer(exchange, 200, GoalDocuments.METADATA);
                case "/status" -> {
                    reported(body);
                    answer(exchange, 201, "");
                }
                default -> answer(exchange, 200, "");
            }
        }
    }

    private void plugin(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        switch (exchange.getRequestURI().getPath()) {
            case "/versions" -> answer(exchange, 200, "[\"2015-09-01\"]");
            case "/vmSettings" -> answer(exchange, 404, "");
            case "/status" -> {
                String content = Api.JSON.readTree(body).path("content").asText();
                if (!content.isEmpty()) {
                    reported(Base64.getMimeDecoder().decode(content));
                }
                answer(exchange, 200, "");
            }
            default -> answer(exchange, 200, "");
        }
    }

    private synchronized void contact() {
        contacts++;
        notifyAll();
    }

    private synchronized void reported(byte[] json) throws IOException {
        status = Api.JSON.readTree(json);
        notifyAll();
    }

    private static void answer(HttpExchange exchange, int code, String text) throws IOException {
        answer(exchange, code, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void answer(HttpExchange exchange, int code, byte[] body) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(code, body.length == 0 ? -1 : body.length);
            if (body.length > 0) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    @Override
    public void close() {
        servers.forEach(server -> server.stop(0));
        threads.close();
    }
}
