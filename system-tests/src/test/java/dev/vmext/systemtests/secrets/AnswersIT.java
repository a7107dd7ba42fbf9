package dev.vmext.systemtests.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Guest;
import dev.vmext.systemtests.product.Product;
import dev.vmext.systemtests.product.Repository;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A protected value goes to the real control plane, and a script and a run-once command on a real agent print it. Every answer of the
 * API that reads something is then searched, those to wrong requests too, and everything that the control plane keeps.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AnswersIT {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final String CANARY = "canary-" + Long.toHexString(System.nanoTime()) + "-nestling";

    /** A piece of a command's output. */
    private static final Pattern PIECE = Pattern.compile("\"data\": ?\"([A-Za-z0-9+/]+=*)\"");

    private final HttpClient http = HttpClient.newHttpClient();
    private ControlPlane plane;
    private Guest guest;
    /** Where the script puts it, outside of agent and control plane. */
    private Path seen;

    @BeforeAll
    void enrol(@TempDir Path folder) throws Exception {
        plane = ControlPlane.start(folder.resolve("home"));
        seen = folder.resolve("seen");
        try (Stream<Path> packages = Files.list(Product.DIST.resolve("extensions"))) {
            for (Path zip : packages.toList()) {
                plane.publishBuilt(zip);
            }
        }
        guest = Guest.enrol(plane, "m1", folder.resolve("machine"), "full");
    }

    @AfterAll
    void stop() throws Exception {
        guest.close();
        plane.close();
    }

    private HttpRequest.Builder request(String path) throws IOException {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + plane.apiPort() + path))
                .timeout(Duration.ofSeconds(60))
                .header(
                        "Authorization",
                        "Bearer "
                                + Files.readString(plane.home.resolve("admin.token"))
                                        .strip());
    }

    private String body(String protectedSettings) {
        return "{\"extension\": \"vmext.CustomScript\", \"settings\": {\"script\": \"echo said $SECRET; printf %s $SECRET > "
                + seen + "\"}, \"protectedSettings\": " + protectedSettings + "}";
    }

    private String put(String name, String body) throws Exception {
        HttpResponse<String> answer = http.send(
                request(ControlPlane.path("m1", name))
                        .header("Content-Type", "application/json")
                        .PUT(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() + " " + answer.body();
    }

    @Test
    void noAnswerAndNoFileOfTheControlPlaneHasIt() throws Exception {
        Map<String, String> said = new TreeMap<>();
        HttpResponse<InputStream> events =
                http.send(request("/v1/events").build(), HttpResponse.BodyHandlers.ofInputStream());
        ByteArrayOutputStream changes = new ByteArrayOutputStream();
        Thread listener = Thread.ofVirtual().start(() -> listen(events.body(), changes));

        said.put("PUT", put("told", body("{\"environment\": {\"SECRET\": \"" + CANARY + "\"}}")));
        assertThat(said.get("PUT")).startsWith("20");
        JsonNode told = plane.awaitHealthy("m1", "told", SOON);
        assertThat(told.path("status").toString()).as("it was printed").contains("said");
        assertThat(Files.readString(seen)).isEqualTo(CANARY);
        wrong(said);
        String command = plane.api()
                .post(
                        "/v1/projects/default/machines/m1/commands",
                        "{\"script\": \"echo printed; cat " + seen + "\", \"timeoutSeconds\": 60}")
                .ok()
                .path("id")
                .asText();
        String commands = "/v1/projects/default/machines/m1/commands/" + command;
        Eventually.until(
                "the command ended",
                SOON,
                () -> plane.api().get(commands).ok(),
                view -> view.path("state").asText().equals("exited"));

        String project = "/v1/projects/default";
        plane.api()
                .put(
                        project + "/alert-rules/always",
                        "{\"summary\": \"{machine}\", \"severity\": \"low\", \"metric\": \"vmext_machine_online\","
                                + " \"kind\": \"threshold\", \"comparison\": \"<\", \"limit\": 2}")
                .ok();
        plane.api()
                .post(
                        project + "/webhooks",
                        "{\"name\": \"hook\", \"url\": \"https://example.org/in\","
                                + " \"secret\": \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"}")
                .ok();
        String finding = Eventually.until(
                        "a rule that is always true is a finding",
                        SOON,
                        () -> plane.api().get(project + "/findings").ok().path("items"),
                        items -> !items.isEmpty())
                .path(0)
                .path("id")
                .asText();
        String version = plane.api()
                .get(ControlPlane.path("m1", "told"))
                .ok()
                .path("version")
                .asText();
        for (String path : readable()) {
            String filled = path.replace("{project}", "default")
                    .replace("{machine}", "m1")
                    .replace("{installation}", "told")
                    .replace("{command}", command)
                    .replace("{extension}", "vmext.CustomScript")
                    .replace("{version}", version)
                    .replace("{finding}", finding)
                    .replace("{rule}", "always")
                    .replace("{webhook}", "hook")
                    .replace("{snapshot}", "none")
                    // It has no console of its own.
                    .replaceFirst("m1/logs$", "m1/logs?source=agent")
                    .replaceFirst("metrics/range$", "metrics/range?name=vmext_machine_online")
                    .replaceFirst("federate$", "federate?match%5B%5D=%7B__name__%3D~%22.%2B%22%7D");
            HttpResponse<byte[]> answer = http.send(request(filled).build(), HttpResponse.BodyHandlers.ofByteArray());
            assertThat(answer.statusCode())
                    .as(filled + ": " + new String(answer.body(), StandardCharsets.UTF_8))
                    // It has neither backups nor snapshots; what is said of that is looked at all the same.
                    .isEqualTo(path.contains("{snapshot}") || path.contains("repositories/{") ? 404 : 200);
            said.putAll(texts("GET " + filled, answer.body()));
        }
        assertThat(said.get("GET " + commands + "/output unpacked"))
                .as("the output is there, without it")
                .contains("printed")
                .contains("*****");
        said.put(
                "DELETE",
                plane.api().delete(ControlPlane.path("m1", "told")).ok().toString());
        plane.awaitGone("m1", "told", SOON);
        events.body().close();
        listener.join();
        said.put("GET /v1/events", changes.toString(StandardCharsets.UTF_8));
        assertThat(said.get("GET /v1/events")).contains("event: change");

        assertThat(said).allSatisfy((where, text) -> assertThat(text).as(where).doesNotContain("nestling"));
        Product.Said kept =
                Product.run(plane.home, "", 60, Map.of(), List.of("grep", "-rlaF", "nestling", plane.home.toString()));
        assertThat(kept.out()).isEmpty();
    }

    /** Requests that are refused: what is wrong is told without telling what it was. */
    private void wrong(Map<String, String> said) throws Exception {
        Map<String, String> bodies = new LinkedHashMap<>();
        bodies.put("of another type", body("{\"environment\": \"" + CANARY + "\"}"));
        bodies.put("too deep", body("{\"environment\": {\"SECRET\": {\"a\": \"" + CANARY + "\"}}}"));
        bodies.put("under a name that is not known", body("{\"password\": \"" + CANARY + "\"}"));
        bodies.put("no object", body("\"" + CANARY + "\""));
        bodies.put("no JSON", body("{\"environment\": {\"SECRET\": \"" + CANARY + "\" " + CANARY + "}}"));
        bodies.put("in a wrong place", "{\"extension\": \"vmext.CustomScript\", \"protected\": \"" + CANARY + "\"}");
        for (Map.Entry<String, String> one : bodies.entrySet()) {
            String answer = put("wrong", one.getValue());
            assertThat(answer).as(one.getKey()).startsWith("4");
            said.put("PUT, " + one.getKey(), answer);
        }
    }

    /** Paths that are read with GET, from the description that is compared with the routes; events are listened to all the time. */
    private static List<String> readable() throws IOException {
        JsonNode paths = new YAMLMapper()
                .readTree(Files.readString(Repository.ROOT.resolve("docs/reference/openapi.yaml")))
                .path("paths");
        List<String> found = paths.propertyStream()
                .filter(path -> path.getValue().has("get"))
                .map(Map.Entry::getKey)
                // A browser's session, which a token has none of.
                .filter(path -> !path.equals("/v1/events") && !path.equals("/v1/session"))
                .toList();
        assertThat(found).hasSizeGreaterThan(15);
        return found;
    }

    /** Files in archives and pieces of output by themselves too, because packed text is not found. */
    private static Map<String, String> texts(String where, byte[] body) throws IOException {
        Map<String, String> texts = new LinkedHashMap<>();
        String plain = new String(body, StandardCharsets.ISO_8859_1);
        texts.put(where, plain);
        StringBuilder pieces = new StringBuilder();
        PIECE.matcher(plain)
                .results()
                .forEach(piece -> pieces.append(
                        new String(Base64.getDecoder().decode(piece.group(1)), StandardCharsets.ISO_8859_1)));
        texts.put(where + " unpacked", pieces.toString());
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(body))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                texts.put(where + " " + entry.getName(), new String(zip.readAllBytes(), StandardCharsets.ISO_8859_1));
            }
        }
        return texts;
    }

    private static void listen(InputStream events, ByteArrayOutputStream into) {
        try (events) {
            events.transferTo(into);
        } catch (IOException closed) {
            // by the test, when it has heard enough
        }
    }
}
