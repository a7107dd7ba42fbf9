package dev.vmext.systemtests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Guest;
import dev.vmext.systemtests.product.Product;
import dev.vmext.systemtests.product.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The portal: its own checks, and a person signing in with a real browser to a real control plane with a real machine. */
@SuppressWarnings("try") // closing server and machine waits for their processes
class PortalIT {
    private static final Path PORTAL = Repository.ROOT.resolve("portal");

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path folder;

    @Test
    void formatTypesAndUnitTestsPass() throws Exception {
        Product.Said said = Product.run(PORTAL, "", 300, Map.of("CI", "true"), List.of("npm", "run", "check"));
        assertThat(said.exit()).as(said.all()).isZero();
    }

    @Test
    void aPersonSignsInWithALinkAndSeesAMachineAndItsInstallation() throws Exception {
        try (ControlPlane plane = ControlPlane.start(folder.resolve("home"))) {
            plane.publish(Repository.ROOT.resolve("testkit/src/main/resources/fake-extension"), "1.0.0");
            try (Guest guest = Guest.enrol(plane, "demo", folder.resolve("machine"), "full")) {
                plane.api()
                        .put(
                                ControlPlane.path(guest.name, "fake"),
                                "{\"extension\": \"vmext.Fake\", \"settings\": {\"message\": \"all is well\"}}")
                        .ok();
                plane.awaitHealthy(guest.name, "fake", Duration.ofSeconds(60));
                String link = plane.api()
                        .post("/v1/sign-in-links", "")
                        .ok()
                        .path("url")
                        .asText();
                Product.Said said = Product.run(
                        PORTAL,
                        "",
                        180,
                        Map.of(
                                "PORTAL_URL",
                                "http://127.0.0.1:" + plane.apiPort(),
                                "SIGN_IN_LINK",
                                link,
                                "PORTAL_SHOTS",
                                Files.createDirectories(Repository.ROOT.resolve("target/portal-shots"))
                                        .toString()),
                        List.of("node", "--test", "smoke/portal.smoke.mjs"));
                assertThat(said.exit()).as(said.all()).isZero();
            }
        }
    }
}
