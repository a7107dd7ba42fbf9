package dev.vmext.systemtests.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Api;
import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Guest;
import dev.vmext.systemtests.product.Product;
import dev.vmext.testkit.FakeExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A person's desk: one control plane, one machine {@code m1} that is online, the fake extension in the catalog. For all tests of a class. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("try") // closing server and machine waits for their processes
abstract class Desk {
    static final Duration SOON = Duration.ofSeconds(60);

    /** Of the class whose tests run now. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path folder;

    ControlPlane plane;
    Guest guest;
    private final List<AutoCloseable> more = new ArrayList<>();

    @BeforeAll
    void sitDown() throws Exception {
        plane = ControlPlane.start(folder.resolve("home"));
        plane.publish(FakeExtension.writeTo(folder.resolve("fake"), "1.0.0"), "1.0.0");
        assertThat(vmext(
                                "context",
                                "add",
                                "desk",
                                "--api",
                                "http://127.0.0.1:" + plane.apiPort(),
                                "--token-file",
                                plane.home.resolve("admin.token").toString())
                        .exit())
                .isZero();
        guest = Guest.enrol(plane, "m1", folder.resolve("machine-m1"), "full");
    }

    @AfterAll
    void standUp() throws Exception {
        for (AutoCloseable one : more) {
            one.close();
        }
        guest.close();
        plane.close();
    }

    Guest another(String name, String mode) throws Exception {
        Guest other = Guest.enrol(plane, name, folder.resolve("machine-" + name), mode);
        more.add(other);
        return other;
    }

    /** A machine that was declared and never came. */
    void absent(String name) throws Exception {
        good("machine", "enroll-command", name);
    }

    Product.Said vmext(String... arguments) throws Exception {
        return Product.vmext(plane.home, "", arguments);
    }

    Product.Said good(String... arguments) throws Exception {
        Product.Said said = vmext(arguments);
        assertThat(said.exit()).as(said.all()).isZero();
        return said;
    }

    JsonNode json(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-o", "json"));
        return Api.JSON.readTree(good(all.toArray(String[]::new)).out());
    }

    /** Fails as a person can understand: what, why, what to do, a code, and never a trace of ours. */
    static Product.Said refused(Product.Said said, int exit, String code, String... named) {
        assertThat(said.exit()).as(said.all()).isEqualTo(exit);
        assertThat(said.err()).as(said.all()).contains("(" + code + ")").contains("vmext: ");
        assertThat(said.err()).doesNotContain("Exception").doesNotContain("\tat ");
        for (String name : named) {
            assertThat(said.err()).contains(name);
        }
        return said;
    }

    /** What the agent's own program says on the machine. */
    static Product.Said agent(Guest machine, Map<String, String> environment, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(Guest.agentHome().resolve("bin/vmext-agent").toString(), "--root", machine.root.toString()));
        command.addAll(List.of(arguments));
        return Product.run(machine.root, "", 120, environment, command);
    }

    Path trace(String name) throws Exception {
        return Files.createDirectories(folder.resolve("trace-" + name));
    }
}
