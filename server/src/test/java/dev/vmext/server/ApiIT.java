package dev.vmext.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.fleet.provider.ProviderProblem;
import dev.vmext.packageformat.testing.SamplePackage;
import dev.vmext.packageformat.testing.SamplePublisher;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.stream.StreamSupport;
import org.assertj.core.api.AbstractStringAssert;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The API over real HTTP: what works, and every way a caller can be wrong. */
class ApiIT {
    private static final String MACHINES = "/v1/projects/default/machines";

    @TempDir
    Path folder;

    private TestServer server;

    @BeforeEach
    void start() {
        server = new TestServer(folder);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    // Machines

    @Test
    void createsAMachineAndBootsIt() {
        var answer = create("web1");

        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        assertThat(answer.header("Location")).isEqualTo(MACHINES + "/web1");
        String id = answer.json().path("id").asText();
        await("power running", () -> machine("web1").path("power").asText().equals("running"));
        assertThat(server.provider.boots(id)).isEqualTo(1);
        assertThat(server.provider.findSpec(id))
                .hasValueSatisfying(spec -> assertThat(spec.seed().userData())
                        .startsWith("#cloud-config")
                        .contains("/etc/vmext/enrolment.json"));
    }

    @Test
    void tellsUnknownMachinesProjectsAndAddressesApart() {
        assertProblem(server.get(MACHINES + "/nobody"), 404, "machine-not-found");
        assertProblem(server.get("/v1/projects/other/machines"), 404, "project-not-found");
        assertProblem(server.get("/v1/machinez"), 404, "route-not-found");
        assertProblem(server.call("PUT", MACHINES, "{}"), 405, "method-not-allowed");
    }

    @Test
    void refusesASecondMachineOfTheName() {
        create("web1");

        assertProblem(create("web1"), 409, "machine-exists");
    }

    @Test
    void refusesNamesThatCouldBeTrouble() {
        assertProblem(create("../etc"), 400, "invalid-name");
        assertProblem(create("Web 1"), 400, "invalid-name");
    }

    @Test
    void refusesABodyThatIsNotWhatItShouldBe() {
        assertProblem(server.post(MACHINES, "{\"name\": \"a\", \"memoryMib\": 1}"), 400, "malformed-request")
                .contains("memoryMib", "Did you mean");
        assertProblem(server.post(MACHINES, "{\"name\": \"a\", \"cpus\": \"two\"}"), 400, "malformed-request")
                .contains("$.cpus");
        assertProblem(server.post(MACHINES, "{\"name\": \"a\", \"name\": \"b\"}"), 400, "malformed-request");
        assertProblem(server.post(MACHINES, "nonsense"), 400, "malformed-request");
        assertProblem(
                server.post(MACHINES, "{\"name\": \"a\", \"provider\": \"memory\", \"cpus\": 0}"),
                400,
                "invalid-value");
        assertProblem(server.post(MACHINES, " ".repeat(5 * 1024 * 1024)), 413, "request-too-large");
        assertProblem(server.call("DELETE", MACHINES + "/a", "{}"), 400, "malformed-request");
        assertProblem(server.get(MACHINES + "?colour=red"), 400, "malformed-request");
    }

    @Test
    void refusesAProviderNobodyKnows() {
        assertProblem(server.post(MACHINES, "{\"name\": \"a\", \"provider\": \"memry\"}"), 404, "provider-not-found")
                .contains("Did you mean");
        assertProblem(
                server.post(MACHINES, "{\"name\": \"a\", \"provider\": \"self-enrolled\"}"), 409, "unsupported-action");
    }

    @Test
    void refusesAMachineForWhichTheHostIsTooSmallAndKeepsNothingOfIt() {
        server.provider.failNext(new ProviderProblem(
                ProviderProblem.Kind.NOT_ENOUGH_MEMORY, "cannot create machine big: the host has 1 GiB", "use less"));

        assertProblem(create("big"), 503, "not-enough-memory").contains("the host has 1 GiB", "Use less.");

        assertProblem(server.get(MACHINES + "/big"), 404, "machine-not-found");
    }

    @Test
    void refusesAMachineWithoutAnAgentToPutOnIt() throws Exception {
        Files.delete(folder.resolve("agent/linux-amd64.tar.gz"));

        assertProblem(create("web1"), 503, "agent-build-missing");
    }

    @Test
    void refusesATrustFileThatIsNone() {
        assertProblem(
                server.post(MACHINES, "{\"name\": \"a\", \"provider\": \"memory\", \"trust\": \"{}\"}"),
                422,
                "trust-file-invalid");
    }

    @Test
    void deletesAMachine() {
        String id = create("web1").json().path("id").asText();
        await("booted", () -> server.provider.boots(id) == 1);

        assertThat(server.call("DELETE", MACHINES + "/web1", null).status()).isEqualTo(204);

        await("gone", () -> server.get(MACHINES + "/web1").status() == 404);
        assertThat(server.provider.machines()).isEmpty();
        assertThat(server.home().seeds()).isEmptyDirectory();
    }

    @Test
    void stopsAndStartsAMachineAndRemembersWhatIsWanted() {
        String id = create("web1").json().path("id").asText();
        await("booted", () -> server.provider.boots(id) == 1);

        assertThat(server.call("POST", MACHINES + "/web1/stop", null).status()).isEqualTo(200);
        await("stopped", () -> machine("web1").path("power").asText().equals("stopped"));
        server.restart();
        assertThat(machine("web1").path("power").asText()).isEqualTo("stopped");

        server.call("POST", MACHINES + "/web1/start", null);
        await("running", () -> machine("web1").path("power").asText().equals("running"));
        server.call("POST", MACHINES + "/web1/stop?resume=true", null);
        await("stopped again", () -> machine("web1").path("power").asText().equals("stopped"));
        server.restart();
        await("running again", () -> machine("web1").path("power").asText().equals("running"));
    }

    @Test
    void showsTheConsoleAndSaysWhichLogsThereAre() {
        String id = create("web1").json().path("id").asText();
        await("booted", () -> server.provider.boots(id) == 1);

        var answer = server.get(MACHINES + "/web1/logs?source=console&tail=100");

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().path("source").asText()).isEqualTo("console");
        assertProblem(server.get(MACHINES + "/web1/logs?source=agent"), 404, "log-not-found");
        assertProblem(server.get(MACHINES + "/web1/logs?source=kernel"), 400, "invalid-value");
        assertProblem(server.get(MACHINES + "/web1/logs?tail=0"), 400, "invalid-value");
    }

    // Installations

    @Test
    void declaresChangesAndRemovesAnInstallation() {
        server.publish(new SamplePackage("vmext.Sample", "1.0.0"));
        create("web1");
        String path = MACHINES + "/web1/installations/one";

        var created = server.call("PUT", path, "{\"extension\": \"vmext.Sample\", \"settings\": {\"a\": 1}}");
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        assertThat(created.json().path("state").asText()).isEqualTo("waiting-machine");
        var changed = server.call("PUT", path, "{\"extension\": \"vmext.Sample\", \"settings\": {\"a\": 2}}");
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.json().path("sequence").asLong()).isEqualTo(1);
        assertThat(server.get(MACHINES + "/web1/installations").json().path("items"))
                .hasSize(1);
        assertThat(server.call("DELETE", path, null).status()).isEqualTo(204);
        assertProblem(server.get(path), 404, "installation-not-found");
    }

    @Test
    void createsOnlyWhatIsNotThereWhenAskedTo() {
        server.publish(new SamplePackage("vmext.Sample", "1.0.0"));
        create("web1");
        HttpRequest request = server.request(MACHINES + "/web1/installations/one")
                .header("Authorization", "Bearer " + server.token)
                .header("Content-Type", "application/json")
                .header("If-None-Match", "*")
                .PUT(HttpRequest.BodyPublishers.ofString("{\"extension\": \"vmext.Sample\"}"))
                .build();

        assertThat(server.send(request).status()).isEqualTo(201);
        assertProblem(server.send(request), 409, "installation-exists");
    }

    @Test
    void refusesWhatTheExtensionDoesNotTake() {
        server.publish(new SamplePackage("vmext.Sample", "1.0.0")
                .extension(
                        "settingsSchema",
                        "{\"type\": \"object\", \"additionalProperties\": false,"
                                + " \"properties\": {\"port\": {\"type\": \"integer\"}}}"));
        create("web1");
        String path = MACHINES + "/web1/installations/one";

        assertProblem(server.call("PUT", path, "{\"extension\": \"vmext.Smple\"}"), 404, "extension-not-found");
        assertProblem(
                server.call("PUT", path, "{\"extension\": \"vmext.Sample\", \"version\": \"7\"}"),
                404,
                "version-not-found");
        assertProblem(
                        server.call("PUT", path, "{\"extension\": \"vmext.Sample\", \"settings\": {\"prot\": 1}}"),
                        422,
                        "unknown-setting")
                .contains("port");
        assertProblem(
                        server.call("PUT", path, "{\"extension\": \"vmext.Sample\", \"settings\": {\"port\": \"x\"}}"),
                        422,
                        "settings-invalid")
                .contains("/port");
        assertThat(server.get(MACHINES + "/web1/installations").json().path("items"))
                .isEmpty();
    }

    @Test
    void refusesAnExtensionThatIsNotForThisProvider() {
        server.publish(new SamplePackage("vmext.Sample", "1.0.0").extension("providers", "[\"qemu\"]"));
        create("web1");

        assertProblem(
                server.call("PUT", MACHINES + "/web1/installations/one", "{\"extension\": \"vmext.Sample\"}"),
                409,
                "provider-mismatch");
        assertThat(server.get("/v1/extensions?provider=memory").json().path("items"))
                .isEmpty();
    }

    // Catalog

    @Test
    void publishesAPackageAndGivesItBack() throws Exception {
        var answer = server.publish(new SamplePackage("vmext.Sample", "1.0.0"));

        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        assertThat(server.get("/v1/extensions/vmext.Sample")
                        .json()
                        .path("latest")
                        .asText())
                .isEqualTo("1.0.0");
        var zip = server.get("/v1/extensions/vmext.Sample/versions/1.0.0/package");
        assertThat(zip.response().body()).isEqualTo(Files.readAllBytes(folder.resolve("sample.zip")));
        assertThat(server.home().uploads()).isEmptyDirectory();
        assertProblem(server.get("/v1/extensions/vmext.Sample/versions/2.0.0/package"), 404, "version-not-found");
        assertProblem(server.get("/v1/extensions/vmext.Other"), 404, "extension-not-found");
    }

    @Test
    void refusesPackagesThatAreNotWhatAPublisherSigned() throws Exception {
        Path zip = new SamplePackage("vmext.Sample", "1.0.0").write(folder.resolve("a.zip"));
        var signature = server.sign(zip);
        Path other = new SamplePackage("vmext.Sample", "1.0.0")
                .file("more.txt", "more")
                .write(folder.resolve("b.zip"));
        Path noManifest = folder.resolve("c.zip");
        var publisher = new SamplePublisher("vmext");

        assertProblem(server.upload(other, signature), 422, "package-digest-mismatch");
        assertProblem(server.upload(zip, publisher.sign(zip)), 422, "publisher-untrusted");
        Files.writeString(noManifest, "not a zip");
        assertProblem(server.upload(noManifest, signature), 422, "package-digest-mismatch");
        assertProblem(
                server.send(server.request("/v1/extensions")
                        .header("Authorization", "Bearer " + server.token)
                        .POST(HttpRequest.BodyPublishers.ofFile(zip))
                        .build()),
                422,
                "signature-invalid");
        assertThat(server.get("/v1/extensions").json().path("items")).isEmpty();
        assertThat(server.home().uploads()).isEmptyDirectory();
        assertThat(server.home().blobs().resolve("sha256")).doesNotExist();
    }

    @Test
    void keepsThePublishedContentOfAVersion() {
        server.publish(new SamplePackage("vmext.Sample", "1.0.0"));

        assertThat(server.publish(new SamplePackage("vmext.Sample", "1.0.0")).status())
                .isEqualTo(201);
        assertProblem(
                server.publish(new SamplePackage("vmext.Sample", "1.0.0").file("more.txt", "more")),
                409,
                "version-published");
        assertThat(server.get("/v1/extensions/vmext.Sample/versions/1.0.0/package")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void refusesAPackageThatIsTooLarge() {
        var random = new Random(7);
        StringBuilder noise = new StringBuilder();
        for (int i = 0; i < 200_000; i++) {
            noise.append((char) ('!' + random.nextInt(90)));
        }

        assertProblem(
                server.publish(new SamplePackage("vmext.Sample", "1.0.0").file("noise.txt", noise.toString())),
                413,
                "request-too-large");
    }

    @Test
    void refusesAFilterThatFitsNothing() {
        assertProblem(server.get("/v1/extensions?category=securty"), 400, "invalid-value");
    }

    // Enrolment

    @Test
    void givesTheLineThatEnrolsAnyMachine() {
        var answer = server.post(
                "/v1/projects/default/enrolments",
                "{\"machine\": \"edge7\", \"mode\": \"no-scripts\", \"gateway\": \"vm.example:4320\"}");

        assertThat(answer.status()).as(answer.text()).isEqualTo(201);
        assertThat(answer.json().path("command").asText()).endsWith("| sh");
        assertThat(answer.json().path("cloudInit").asText())
                .contains("vm.example:4320", "no-scripts", "/etc/vmext/trust.json");
        assertThat(machine("edge7").path("provider").asText()).isEqualTo("self-enrolled");
        assertProblem(server.call("POST", MACHINES + "/edge7/start", null), 409, "unsupported-action");
        assertProblem(server.get(MACHINES + "/edge7/logs"), 404, "log-not-found");
        assertProblem(
                server.post("/v1/projects/default/enrolments", "{\"machine\": \"x\", \"mode\": \"fool\"}"),
                400,
                "invalid-value");
        assertProblem(
                server.post("/v1/projects/default/enrolments", "{\"machine\": \"x\", \"gateway\": \"a b\"}"),
                400,
                "invalid-value");
        assertThat(server.call("DELETE", MACHINES + "/edge7", null).status()).isEqualTo(204);
        assertProblem(server.get(MACHINES + "/edge7"), 404, "machine-not-found");
    }

    // Who and from where

    @Test
    void letsNobodyInWithoutAToken() {
        assertProblem(server.send(server.request("/v1/status").build()), 401, "not-signed-in");
        assertProblem(
                server.send(server.request("/v1/status")
                        .header("Authorization", "Bearer wrong")
                        .build()),
                401,
                "not-signed-in");
        assertProblem(
                server.send(server.request("/v1/status")
                        .header("Authorization", "Basic YTpi")
                        .build()),
                401,
                "not-signed-in");
    }

    @Test
    void signsABrowserInOnceAndOnlyFromItsOwnSite() {
        String url = server.call("POST", "/v1/sign-in-links", null)
                .json()
                .path("url")
                .asText();
        String code = url.substring(url.indexOf('#') + 1);
        HttpRequest signIn = server.request("/v1/session")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"code\": \"" + code + "\"}"))
                .build();

        var answer = server.send(signIn);

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.header("Set-Cookie")).contains("HttpOnly", "SameSite=Strict", "Path=/");
        String cookie = answer.header("Set-Cookie").replaceFirst(";.*", "");
        assertProblem(server.send(signIn), 401, "sign-in-link-used");
        assertThat(withCookie(cookie, "GET", null).status()).isEqualTo(200);
        assertProblem(withCookie(cookie, "DELETE", null), 403, "origin-refused");
        assertProblem(withCookie(cookie, "DELETE", "http://evil.example"), 403, "origin-refused");
        assertThat(withCookie(cookie, "DELETE", server.api()).status()).isEqualTo(204);
        assertProblem(withCookie(cookie, "GET", null), 401, "not-signed-in");
    }

    private TestServer.Answer withCookie(String cookie, String method, @Nullable String origin) {
        HttpRequest.Builder request = server.request("/v1/session")
                .header("Cookie", cookie)
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (origin != null) {
            request.header("Origin", origin);
        }
        return server.send(request.build());
    }

    @Test
    void answersToItsOwnNamesOnly() throws Exception {
        int port = URI.create(server.api()).getPort();
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write(("GET /v1/status HTTP/1.1\r\nHost: evil.example:" + port + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(answer).startsWith("HTTP/1.1 403").contains("origin-refused");
        }
    }

    @Test
    void answersBrokenHttpWithAProblem() throws Exception {
        int port = URI.create(server.api()).getPort();
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write("NONSENSE\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(answer).startsWith("HTTP/1.1 4").doesNotContain("Jetty").doesNotContain("at org.");
        }
    }

    // The rest

    @Test
    void tellsHowItIs() {
        create("web1");

        JsonNode status = server.get("/v1/status").json();

        assertThat(status.path("api").asText()).isEqualTo(server.api());
        assertThat(status.path("caDigest").asText()).startsWith("sha256:");
        assertThat(status.path("machines").size()).isEqualTo(1);
    }

    @Test
    void writesAuditLinesNewestFirst() {
        create("web1");

        JsonNode items = server.get("/v1/audit?limit=5").json().path("items");

        assertThat(StreamSupport.stream(items.spliterator(), false)
                        .map(item -> item.path("actor").asText()))
                .contains("user:admin");
        assertProblem(server.get("/v1/audit?limit=0"), 400, "invalid-value");
    }

    @Test
    void streamsChangesAndResumes() throws Exception {
        var request = server.request("/v1/events").header("Authorization", "Bearer " + server.token);
        String first;
        try (var body = server.client()
                .send(request.build(), HttpResponse.BodyHandlers.ofInputStream())
                .body()) {
            var lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
            assertThat(lines.readLine()).startsWith(":");
            create("web1");
            first = next(lines, "id: ");
            assertThat(next(lines, "data: ")).contains("\"machine\":\"web1\"");
        }
        try (var body = server.client()
                .send(
                        request.header("Last-Event-ID", Long.toString(Long.parseLong(first) - 1))
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream())
                .body()) {
            var lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
            assertThat(next(lines, "id: ")).isEqualTo(first);
        }
    }

    private static String next(BufferedReader lines, String start) throws IOException {
        String line = lines.readLine();
        while (line != null && !line.startsWith(start)) {
            line = lines.readLine();
        }
        assertThat(line).isNotNull();
        return line.substring(start.length());
    }

    @Test
    void servesThePortalAndItsPagesWithStrictHeaders() {
        var page = server.send(server.request("/machines/web1").build());
        var asset = server.send(server.request("/assets/index-Bx7f9a2c.js").build());

        assertThat(page.text()).contains("<title>vmext</title>");
        assertThat(page.header("Content-Security-Policy")).contains("default-src 'none'", "frame-ancestors 'none'");
        assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(page.header("Cache-Control")).isEqualTo("no-cache");
        assertThat(asset.header("Cache-Control")).contains("immutable");
        assertThat(asset.header("Content-Type")).startsWith("text/javascript");
        assertThat(server.get("/v1/status").header("Cache-Control")).isEqualTo("no-store");
        assertProblem(server.send(server.request("/assets/missing.js").build()), 404, "route-not-found");
    }

    @Test
    void servesNothingOutsideThePortalsFolder() throws Exception {
        Files.writeString(folder.resolve("secret.txt"), "secret");
        for (String path : new String[] {"/..%2fsecret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt"}) {
            assertThat(server.send(server.request(path).build()).text())
                    .as(path)
                    .doesNotContain("secret\n")
                    .isNotEqualTo("secret");
        }
    }

    private TestServer.Answer create(String name) {
        return server.post(MACHINES, "{\"name\": \"" + name + "\", \"provider\": \"memory\", \"memoryMiB\": 256}");
    }

    private JsonNode machine(String name) {
        return server.get(MACHINES + "/" + name).json();
    }

    private static AbstractStringAssert<?> assertProblem(TestServer.Answer answer, int status, String code) {
        assertThat(answer.text()).contains("\"code\"");
        assertThat(answer.code()).as(answer.text()).isEqualTo(code);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.json().path("hint").asText()).isNotEmpty();
        return assertThat(answer.json().path("detail").asText() + " "
                + answer.json().path("hint").asText());
    }

    /** Work that the answer did not wait for; fails when it does not come to an end. */
    private static void await(String what, BooleanSupplier done) {
        long end = System.nanoTime() + 20_000_000_000L;
        while (!done.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting for: " + what).isLessThan(end);
            Thread.onSpinWait();
        }
    }
}
