package dev.vmext.systemtests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Api;
import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Product;
import dev.vmext.systemtests.product.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** The machine that {@code vmext up} makes, booted once for all tests of a class, and what they do with it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class DemoMachine {
    /** Simulated processors are slow; a wait this long ends only what would never end. */
    static final Duration GUEST = Duration.ofMinutes(6);

    static final Path WORK = Repository.ROOT.resolve("target/vm-test");
    static final Path HOME = WORK.resolve("home");

    Api api;
    String machineId = "";

    @BeforeAll
    void up() throws Exception {
        // The image is kept between runs: it is cached by its recipe, as in a user's data folder.
        Path images = Repository.ROOT.resolve("target/vm-images");
        Files.createDirectories(images);
        cleanUp();
        Files.createDirectories(HOME);
        Files.createSymbolicLink(HOME.resolve("images"), images);
        Product.Said said = vmext("up", "--api", "127.0.0.1:0", "--gateway", "0.0.0.0:0", "--timeout", "14m");
        assertThat(said.exit()).as(said.all() + console()).isZero();
        assertThat(said.out()).contains("demo").contains("Portal");
        api = connection();
        machineId = machine().path("id").asText();
    }

    @AfterAll
    void down() throws Exception {
        Files.writeString(WORK.resolve("console.txt"), console());
        Files.writeString(
                WORK.resolve("agent-log.txt"), vmext("machine", "logs", "demo").all());
        Product.Said said = vmext("down");
        assertThat(said.exit()).as(said.all()).isZero();
    }

    private static void cleanUp() throws Exception {
        if (Files.exists(HOME.resolve("run/server.json"))) {
            vmext("down");
        }
        if (Files.exists(HOME)) {
            Files.deleteIfExists(HOME.resolve("images"));
            Product.run(Repository.ROOT, "", 60, Map.of(), List.of("rm", "-rf", HOME.toString()));
        }
    }

    static Product.Said vmext(String... arguments) throws Exception {
        return Product.vmext(HOME, "", arguments);
    }

    /** To the control plane as it runs now: after a restart of it this is another one. */
    static Api connection() throws Exception {
        JsonNode running = Api.JSON.readTree(Files.readString(HOME.resolve("run/server.json")));
        return new Api(
                running.path("api").asText(),
                Files.readString(HOME.resolve("admin.token")).strip());
    }

    static String console() throws Exception {
        Path machines = HOME.resolve("machines");
        if (!Files.exists(machines)) {
            return "(no machine)";
        }
        try (Stream<Path> all = Files.walk(machines, 2)) {
            Path log =
                    all.filter(file -> file.endsWith("serial.log")).findFirst().orElse(null);
            return log == null ? "(no console)" : Files.readString(log, java.nio.charset.StandardCharsets.ISO_8859_1);
        }
    }

    JsonNode machine() throws Exception {
        return api.get("/v1/projects/default/machines/demo").ok();
    }

    JsonNode installation(String name) throws Exception {
        return api.get(ControlPlane.path("demo", name)).body();
    }

    JsonNode healthy(String name) throws Exception {
        return Eventually.until(
                name + " is healthy",
                GUEST,
                () -> installation(name),
                view -> view.path("healthy").asBoolean()
                        && view.path("appliedSequence").asLong()
                                >= view.path("sequence").asLong());
    }

    /** Signs a package folder with the key of this control plane and offers it. */
    static void publish(Path folder, String zip) throws Exception {
        Product.Said packed = vmext("extension", "pack", folder.toString(), "--to", zip);
        assertThat(packed.exit()).as(packed.all()).isZero();
        Product.Said signed = vmext(
                "extension",
                "sign",
                zip,
                "--key",
                HOME.resolve("keys/publisher.key").toString());
        assertThat(signed.exit()).as(signed.all()).isZero();
        Product.Said published = vmext("extension", "publish", zip);
        assertThat(published.exit()).as(published.all()).isZero();
    }

    /** Runs a script on the machine, as a user would, and returns what it printed. It has to succeed. */
    static String inside(String script) throws Exception {
        Product.Said said = Product.vmext(HOME, script, "run", "demo", "--timeout", "5m", "--script", "-");
        assertThat(said.exit()).as(script + "\n" + said.all()).isZero();
        return said.out();
    }
}
