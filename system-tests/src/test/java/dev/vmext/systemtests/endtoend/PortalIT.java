package dev.vmext.systemtests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Guest;
import dev.vmext.systemtests.product.Product;
import dev.vmext.systemtests.product.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The portal: its own checks, and a person signing in with a real browser to a real control plane with a real machine. */
@SuppressWarnings("try") // closing server and machine waits for their processes
class PortalIT {
    private static final Path PORTAL = Repository.ROOT.resolve("portal");
    static final Path FAKE = Repository.ROOT.resolve("testkit/src/main/resources/fake-extension");
    static final Duration PATIENCE = Duration.ofMinutes(10);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path folder;

    @Test
    void formatTypesAndUnitTestsPass() throws Exception {
        Product.Said said = Product.run(PORTAL, "", 1200, Map.of("CI", "true"), List.of("npm", "run", "check"));
        assertThat(said.exit()).as(said.all()).isZero();
    }

    @Test
    void aPersonSignsInWithALinkAndSeesAMachineAndItsInstallation() throws Exception {
        try (ControlPlane plane = ControlPlane.start(folder.resolve("home"))) {
            plane.publish(FAKE, "1.0.0");
            try (Guest guest = Guest.enrol(plane, "demo", folder.resolve("machine"), "full")) {
                plane.api()
                        .put(
                                ControlPlane.path(guest.name, "fake"),
                                "{\"extension\": \"vmext.Fake\", \"settings\": {\"message\": \"all is well\"}}")
                        .ok();
                plane.awaitHealthy(guest.name, "fake", PATIENCE);
                walk(plane, "portal.smoke.mjs", Map.of());
            }
        }
    }

    /** Walks through the portal of this control plane, signed in by a link of its own; takes pictures with {@code -Dportal.shots=true}. */
    static void walk(ControlPlane plane, String script, Map<String, String> given) throws Exception {
        Map<String, String> environment = new HashMap<>(given);
        environment.put("PORTAL_PATIENCE", String.valueOf(PATIENCE.toMillis()));
        environment.put("PORTAL_URL", "http://127.0.0.1:" + plane.apiPort());
        environment.put(
                "SIGN_IN_LINK",
                plane.api().post("/v1/sign-in-links", "").ok().path("url").asText());
        if (Boolean.getBoolean("portal.shots")) {
            environment.put(
                    "PORTAL_SHOTS",
                    Files.createDirectories(Repository.ROOT.resolve("target/portal-shots"))
                            .toString());
        }
        Product.Said said = Product.run(PORTAL, "", 1800, environment, List.of("node", "--test", "smoke/" + script));
        assertThat(said.exit()).as(said.all()).isZero();
    }
}
