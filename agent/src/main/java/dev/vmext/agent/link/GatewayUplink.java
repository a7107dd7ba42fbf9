package dev.vmext.agent.link;

import dev.vmext.agent.metrics.Uplink;
import dev.vmext.protocol.metrics.OtlpMetrics;
import dev.vmext.protocol.opamp.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Posts metrics to the gateway that this machine is connected to, with its certificate. Any thread. */
final class GatewayUplink implements Uplink {
    static final String PATH = "/v1/metrics";

    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final int MAX_ANSWER = 16 << 10;

    private final GatewayClients clients;
    private final GatewayChoice choice;

    GatewayUplink(GatewayClients clients, GatewayChoice choice) {
        this.clients = clients;
        this.choice = choice;
    }

    @Override
    public Said post(byte[] zipped) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://" + choice.current() + PATH))
                .timeout(clients.stretched(ANSWER))
                .header("Content-Type", OtlpMetrics.CONTENT_TYPE)
                .header("Content-Encoding", "gzip")
                .POST(HttpRequest.BodyPublishers.ofByteArray(zipped))
                .build();
        HttpClient client = clients.client();
        try {
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                return new Said(
                        response.statusCode(),
                        Failures.retryAfter(response.headers()),
                        Bytes.of(body.readNBytes(MAX_ANSWER)));
            }
        } catch (IOException failed) {
            throw new IOException(Failures.describe(failed), failed);
        }
    }
}
