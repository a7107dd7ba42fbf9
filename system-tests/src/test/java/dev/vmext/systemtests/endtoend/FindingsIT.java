package dev.vmext.systemtests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.vmext.systemtests.product.Api;
import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Guest;
import dev.vmext.systemtests.product.Product;
import dev.vmext.systemtests.product.Repository;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** What an extension finds, from its handler to whoever wants to know, with real processes that are killed on the way. */
@SuppressWarnings("try") // closing server and machine waits for their processes
class FindingsIT {
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final String FINDINGS = "/v1/projects/default/findings";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path folder;

    private ControlPlane plane;
    private Guest guest;
    private HttpServer receiver;
    private final ConcurrentLinkedQueue<Message> messages = new ConcurrentLinkedQueue<>();
    private final AtomicInteger refusals = new AtomicInteger();
    private volatile String secret = "";

    private record Message(String id, String type, JsonNode data) {}

    @BeforeEach
    void start() throws Exception {
        plane = ControlPlane.start(folder.resolve("home"));
        plane.publish(Repository.ROOT.resolve("testkit/src/main/resources/fake-extension"), "1.0.0");
        guest = Guest.enrol(plane, "m1", folder.resolve("machine"), "full");
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/in", this::receive);
        receiver.start();
    }

    @AfterEach
    void stop() throws Exception {
        receiver.stop(0);
        guest.close();
        plane.close();
    }

    /** Takes a message whose signature is right; the first two times it is out of order. */
    private void receive(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        String id = exchange.getRequestHeaders().getFirst("webhook-id");
        String signed = id + "." + exchange.getRequestHeaders().getFirst("webhook-timestamp") + ".";
        int status = 401;
        if (exchange.getRequestHeaders().getFirst("webhook-signature").equals("v1," + hmac(signed, body))) {
            status = refusals.getAndIncrement() < 2 ? 503 : 204;
        }
        if (status == 204) {
            JsonNode event = Api.JSON.readTree(body);
            messages.add(new Message(id, event.path("type").asText(), event.path("data")));
        }
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }

    private String hmac(String head, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Base64.getDecoder().decode(secret.substring(6)), "HmacSHA256"));
            mac.update(head.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path events() {
        return guest.root.resolve("var/log/azure/vmext.Fake/events");
    }

    /** As a scanner of the extension would, whatever the agent does. */
    private void found(String subject, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                guest.handlers()
                        .resolve("one/vmext.Fake-1.0.0/bin/vmext-finding")
                        .toString(),
                events().toString(),
                "fake-found",
                subject));
        command.addAll(List.of(more));
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    private Map<String, JsonNode> findings() throws Exception {
        Map<String, JsonNode> bySubject = new TreeMap<>();
        for (JsonNode finding : plane.api().get(FINDINGS + "?limit=1000").ok().path("items")) {
            assertThat(bySubject.put(
                            finding.path("type").asText() + " "
                                    + finding.path("subject").asText(),
                            finding))
                    .isNull();
        }
        return bySubject;
    }

    private JsonNode finding(String subject) throws Exception {
        return findings().getOrDefault("fake-found " + subject, Api.JSON.nullNode());
    }

    private void await(String subject, String field, String value) throws Exception {
        Eventually.until(
                subject + " has " + field + " " + value,
                SOON,
                () -> finding(subject),
                seen -> seen.path(field).asText().equals(value));
    }

    private Product.Said vmext(String... arguments) throws Exception {
        Product.Said said = Product.vmext(plane.home, "", arguments);
        assertThat(said.exit()).as(said.all()).isZero();
        return said;
    }

    private void put(String settings, String protectedSettings) throws Exception {
        plane.api()
                .put(
                        ControlPlane.path(guest.name, "one"),
                        "{\"extension\": \"vmext.Fake\", \"settings\": {" + settings + "}, \"protectedSettings\": {"
                                + protectedSettings + "}}")
                .ok();
        plane.awaitHealthy(guest.name, "one", SOON);
    }

    @Test
    void whatIsFoundArrivesOnceWhateverIsKilledOnTheWay() throws Exception {
        vmext(
                "context",
                "add",
                "desk",
                "--api",
                "http://127.0.0.1:" + plane.apiPort(),
                "--token-file",
                plane.home.resolve("admin.token").toString());
        String url = "http://127.0.0.1:" + receiver.getAddress().getPort() + "/in";
        secret = vmext("webhook", "create", "pager", "--url", url).out().strip();
        assertThat(Product.vmext(plane.home, "", "webhook", "test", "pager").err())
                .contains("it answered 503", "(webhook-failed)");

        put("\"finding\": \"/tmp/eicar.com\", \"message\": \"bad file\"", "\"token\": \"hunter2secret\"");
        await("/tmp/eicar.com", "state", "open");
        JsonNode first = finding("/tmp/eicar.com");
        assertThat(first.path("severity").asText()).isEqualTo("medium");
        assertThat(first.path("installation").asText()).isEqualTo("one");
        assertThat(first.path("machine").asText()).isEqualTo("m1");
        assertThat(first.path("title").asText()).isEqualTo("bad file");
        assertThat(first.path("count").asInt()).isEqualTo(1);
        String id = first.path("id").asText();
        Eventually.until("the message, after a refusal", SOON, () -> messages, all -> all.size() == 1);
        assertThat(messages.peek().type()).isEqualTo("dev.vmext.finding.opened");
        assertThat(messages.peek().data().path("id").asText()).isEqualTo(id);

        found("/tmp/secret", "--evidence", "leak=it is hunter2secret", "--severity", "high");
        await("/tmp/secret", "severity", "high");
        assertThat(finding("/tmp/secret").path("evidence").path("leak").asText())
                .isEqualTo("it is [redacted]");

        assertThat(vmext("finding", "acknowledge", id.substring(0, 8), "--note", "ticket 7")
                        .out())
                .contains("acknowledged");
        assertThat(vmext("finding", "list", "--severity", "high").out())
                .contains("/tmp/secret")
                .doesNotContain("eicar");
        assertThat(vmext("finding", "show", id).out()).contains("ticket 7", "sequence: 0", "/tmp/eicar.com");

        for (int i = 0; i < 5; i++) {
            found("batch " + i);
            found("again and again");
        }
        guest.killNine();
        for (int i = 5; i < 10; i++) {
            found("batch " + i);
            found("again and again");
        }
        plane.killNine();
        guest.startAgain();
        for (int i = 10; i < 15; i++) {
            found("batch " + i);
            found("again and again");
        }
        Eventually.until("the agent has written all down", SOON, this::waiting, left -> left == 0);
        guest.killNine();
        guest.startAgain();
        plane.startAgain();
        Eventually.until(
                "all have arrived",
                SOON,
                this::findings,
                all -> all.size() >= 18
                        && all.containsKey("fake-found batch 14")
                        && all.getOrDefault("fake-found again and again", Api.JSON.nullNode())
                                        .path("count")
                                        .asInt()
                                >= 15);
        plane.killNine();
        plane.startAgain();
        found("the last");
        await("the last", "state", "open");
        Map<String, JsonNode> all = findings();
        assertThat(all).hasSize(19);
        for (int i = 0; i < 15; i++) {
            assertThat(finding("batch " + i).path("count").asInt())
                    .as("batch " + i)
                    .isEqualTo(1);
        }
        assertThat(finding("again and again").path("count").asInt()).isEqualTo(15);

        put("\"findingResolved\": \"/tmp/eicar.com\", \"findingType\": \"fake-found\"", "\"token\": \"hunter2secret\"");
        await("/tmp/eicar.com", "state", "resolved");
        put("\"finding\": \"/tmp/x\", \"findingType\": \"unheard-of\"", "\"token\": \"hunter2secret\"");
        Eventually.until(
                "what is not declared is told",
                SOON,
                this::findings,
                now -> now.containsKey("findings-refused vmext.Fake: type unheard-of"));
        plane.api().delete(ControlPlane.path(guest.name, "one")).ok();
        plane.awaitGone(guest.name, "one", SOON);
        await("the last", "resolution", "installation-removed");

        Eventually.until(
                "all messages",
                SOON,
                () -> messages.stream()
                        .filter(message -> message.data().path("id").asText().equals(id))
                        .map(Message::type)
                        .toList(),
                types -> types.contains("dev.vmext.finding.resolved"));
        // What was sent when the control plane was killed is sent again, and can be told by its id.
        Map<String, Message> byId = new TreeMap<>();
        for (Message message : messages) {
            Message before = byId.putIfAbsent(message.id(), message);
            assertThat(before == null ? message : before).isEqualTo(message);
        }
        assertThat(byId.values())
                .filteredOn(message -> message.data().path("id").asText().equals(id))
                .extracting(Message::type)
                .containsExactlyInAnyOrder(
                        "dev.vmext.finding.opened", "dev.vmext.finding.acknowledged", "dev.vmext.finding.resolved");
        assertThat(vmext("webhook", "list", "-o", "json").out()).doesNotContain(secret);
    }

    private long waiting() throws IOException {
        try (Stream<Path> files = Files.list(events())) {
            return files.count();
        }
    }
}
