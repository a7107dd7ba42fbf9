package dev.vmext.systemtests.endtoend;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Metrics of which one counts how often they were asked for. It can be told to keep whoever asks waiting. Any thread. */
final class CountingEndpoint implements AutoCloseable {
    private final HttpServer http;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Instant> answered = new ArrayList<>();
    private boolean holding;
    private int held;

    CountingEndpoint() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/metrics", this::answer);
        http.setExecutor(threads);
        http.start();
    }

    String url() {
        return "http://127.0.0.1:" + http.getAddress().getPort() + "/metrics";
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            StringBuilder page = new StringBuilder("# TYPE scrapes_total counter\nscrapes_total ");
            synchronized (this) {
                if (holding) {
                    held++;
                    while (holding) {
                        wait();
                    }
                    held--;
                    // Whoever asked is gone or asks again: it was not answered, so it does not count.
                    return;
                }
                answered.add(Instant.now());
                page.append(answered.size()).append('\n');
                // As much as an application has.
                for (int i = 0; i < 100; i++) {
                    page.append("queue_length{queue=\"q").append(i).append("\"} ");
                    page.append(answered.size() % (i + 2)).append('\n');
                }
            }
            byte[] body = page.toString().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Keeps whoever asks from now on waiting. */
    synchronized void hold() {
        holding = true;
    }

    /** Answers again; those who waited get no answer. */
    synchronized void release() {
        holding = false;
        notifyAll();
    }

    /** How many wait for an answer. */
    synchronized int held() {
        return held;
    }

    synchronized int count() {
        return answered.size();
    }

    /** When an answer was given, from 1. */
    synchronized Instant answered(int number) {
        return answered.get(number - 1);
    }

    @Override
    public void close() {
        release();
        http.stop(0);
        threads.shutdownNow();
    }
}
