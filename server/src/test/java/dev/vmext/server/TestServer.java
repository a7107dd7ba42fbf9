package dev.vmext.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.fleet.FleetStore;
import dev.vmext.fleet.provider.testing.InMemoryMachineProvider;
import dev.vmext.fleet.testing.InMemoryFleetStore;
import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.signing.PackageSignature;
import dev.vmext.packageformat.signing.PackageSigner;
import dev.vmext.packageformat.signing.SigningKeyFile;
import dev.vmext.packageformat.testing.SamplePackage;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.config.Endpoint;
import dev.vmext.server.config.Home;
import dev.vmext.server.config.ServerConfig;
import dev.vmext.server.json.StrictJson;
import dev.vmext.server.metrics.MetricRetention;
import dev.vmext.server.metrics.MetricStore;
import dev.vmext.server.metrics.engine.SqliteMetricStore;
import dev.vmext.server.repository.ResticProgram;
import dev.vmext.server.repository.s3.S3Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A whole server on free ports, and a client that speaks to it. Machines come from memory. */
final class TestServer implements AutoCloseable {
    final Path folder;
    final InMemoryMachineProvider provider = new InMemoryMachineProvider();
    final FleetStore store;
    /** What machines have sent. */
    @Nullable MetricStore metrics;

    private final Home home;
    private final ServerConfig config;
    private final Map<String, String> environment;
    private final HttpClient client = HttpClient.newHttpClient();
    private Wiring wiring;
    String token;

    TestServer(Path folder) {
        this(folder, new InMemoryFleetStore());
    }

    TestServer(Path folder, FleetStore store) {
        this(folder, store, Optional.empty(), Map.of());
    }

    TestServer(Path folder, FleetStore store, Optional<S3Settings> repositoryStore, Map<String, String> environment) {
        this.environment = environment;
        this.folder = folder;
        this.store = store;
        try {
            Path agent = Files.createDirectories(folder.resolve("agent"));
            Files.writeString(agent.resolve("linux-amd64.tar.gz"), "not really an archive");
            Path portal = Files.createDirectories(folder.resolve("portal"));
            Files.writeString(portal.resolve("index.html"), "<!doctype html><title>vmext</title>");
            Files.createDirectories(portal.resolve("assets"));
            Files.writeString(portal.resolve("assets/index-Bx7f9a2c.js"), "export {};");
            home = new Home(folder.resolve("home"));
            home.claim();
            config = new ServerConfig(
                    new Endpoint("127.0.0.1", 0),
                    new Endpoint("127.0.0.1", 0),
                    List.of(),
                    Optional.of(portal),
                    Optional.of(agent),
                    64 * 1024,
                    0,
                    MetricRetention.DEFAULTS,
                    repositoryStore);
            try {
                wiring = start();
            } catch (ProblemException e) {
                home.close();
                throw e;
            }
            token = Files.readString(home.adminTokenFile()).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private MetricStore openMetrics(Home at, MetricRetention retention, InstantSource clock) {
        MetricStore opened = SqliteMetricStore.open(at.folder(), retention, clock);
        metrics = opened;
        return opened;
    }

    private Wiring start() throws IOException {
        return Wiring.start(
                home,
                config,
                new Wiring.World(
                        InstantSource.system(),
                        new SecureRandom(),
                        h -> new KeptStore(store),
                        this::openMetrics,
                        h -> List.of(provider),
                        new ResticProgram("/usr/bin:/bin", folder.toString()),
                        environment));
    }

    void restart() {
        wiring.stop();
        try {
            wiring = start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Home home() {
        return home;
    }

    String api() {
        return wiring.running().api();
    }

    @Override
    public void close() {
        wiring.stop();
        home.close();
        client.close();
    }

    /** An answer, its body read as JSON when it is. */
    record Answer(HttpResponse<byte[]> response) {
        int status() {
            return response.statusCode();
        }

        String text() {
            return new String(response.body(), StandardCharsets.UTF_8);
        }

        JsonNode json() {
            return StrictJson.tree(response.body());
        }

        String code() {
            return json().path("code").asText();
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(api() + path)).timeout(Duration.ofSeconds(30));
    }

    Answer send(HttpRequest request) {
        try {
            return new Answer(client.send(request, HttpResponse.BodyHandlers.ofByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    HttpClient client() {
        return client;
    }

    /** A request of the administrator. */
    Answer call(String method, String path, @Nullable String body) {
        HttpRequest.Builder request = request(path).header("Authorization", "Bearer " + token);
        if (body == null) {
            request.method(method, HttpRequest.BodyPublishers.noBody());
        } else {
            request.header("Content-Type", "application/json")
                    .method(method, HttpRequest.BodyPublishers.ofString(body));
        }
        return send(request.build());
    }

    Answer get(String path) {
        return call("GET", path, null);
    }

    Answer post(String path, String body) {
        return call("POST", path, body);
    }

    /** Publishes a sample package, signed with the control plane's own key. */
    Answer publish(SamplePackage sample) {
        Path zip = sample.write(folder.resolve("sample.zip"));
        return upload(zip, sign(zip));
    }

    PackageSignature sign(Path zip) {
        return new PackageSigner(ArchiveLimits.standard())
                .sign(zip, SigningKeyFile.read(home.keys().resolve("publisher.key")));
    }

    Answer upload(Path zip, PackageSignature signature) {
        try {
            return send(request("/v1/extensions")
                    .header("Authorization", "Bearer " + token)
                    .header("Content-Type", "application/zip")
                    .header("Vmext-Signature", Base64.getEncoder().encodeToString(signature.toBytes()))
                    .POST(HttpRequest.BodyPublishers.ofFile(zip))
                    .build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
