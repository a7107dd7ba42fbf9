package dev.vmext.systemtests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Guest;
import dev.vmext.systemtests.product.Product;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A person's work in the portal, in a real browser: what was found and measured, and files that come back from a real backup. */
@SuppressWarnings("try") // closing server and machine waits for their processes
class PortalWorkIT {
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path folder;

    @Test
    void aPersonSeesWhatIsFoundAndMeasuredAndActsOnIt() throws Exception {
        HttpServer receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/in", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        receiver.start();
        try (ControlPlane plane = ControlPlane.start(folder.resolve("watched-home"))) {
            plane.publish(PortalIT.FAKE, "1.0.0");
            try (Guest guest = Guest.enrol(plane, "demo", folder.resolve("watched-machine"), "full")) {
                plane.api()
                        .put(ControlPlane.path(guest.name, "fake"), "{\"extension\": \"vmext.Fake\"}")
                        .ok();
                plane.awaitHealthy(guest.name, "fake", PortalIT.PATIENCE);
                finds(guest, "/tmp/eicar.com");
                Eventually.until(
                        "the finding has come",
                        PortalIT.PATIENCE,
                        () -> plane.api()
                                .get("/v1/projects/default/findings?severity=high")
                                .ok()
                                .path("items"),
                        found -> found.size() == 1);
                Eventually.until(
                        "something is measured",
                        PortalIT.PATIENCE,
                        () -> plane.api()
                                .get("/v1/projects/default/machines/demo/metrics?name=vmext_machine_online")
                                .ok()
                                .path("series"),
                        measured -> measured.size() == 1);
                PortalIT.walk(
                        plane,
                        "watch.smoke.mjs",
                        Map.of(
                                "PORTAL_FINDING",
                                "/tmp/eicar.com",
                                "PORTAL_METRIC",
                                "vmext_machine_online",
                                "PORTAL_RECEIVER",
                                "http://127.0.0.1:" + receiver.getAddress().getPort() + "/in"));
            }
        } finally {
            receiver.stop(0);
        }
    }

    @Test
    void aPersonBringsFilesBackFromABackup() throws Exception {
        try (ControlPlane plane = ControlPlane.start(folder.resolve("kept-home"))) {
            BackupPackages.publish(plane, folder.resolve("packages"));
            Path data = Files.createDirectories(folder.resolve("data"));
            Files.writeString(data.resolve("letter"), "dear");
            Path target = Files.createDirectories(folder.resolve("restored"));
            try (Guest guest = Guest.enrol(plane, "demo", folder.resolve("kept-machine"), "full")) {
                plane.api()
                        .put(
                                ControlPlane.path(guest.name, "nightly"),
                                "{\"extension\": \"vmext.Backup\", \"settings\": {\"sources\": [\"" + data
                                        + "\"], \"schedule\": {\"when\": \"manual\"}, \"now\": \"first\"}}")
                        .ok();
                plane.awaitHealthy(guest.name, "nightly", PortalIT.PATIENCE);
                Eventually.until(
                        "the control plane knows of the backup",
                        PortalIT.PATIENCE,
                        () -> plane.api()
                                .get("/v1/projects/default/machines/demo/repositories/nightly")
                                .ok()
                                .path("status"),
                        status -> status.path("snapshots").asInt() > 0);
                PortalIT.walk(
                        plane,
                        "manage.smoke.mjs",
                        Map.of("PORTAL_BACKUP", "nightly", "PORTAL_FOLDER", target.toString(), "PORTAL_WORK", "1"));
                assertThat(target.resolve(data.toString().substring(1)).resolve("letter"))
                        .hasContent("dear");
            }
        }
    }

    /** As a handler tells of something that it found. */
    private static void finds(Guest guest, String subject) throws Exception {
        Product.Said said = Product.run(
                guest.root,
                "",
                60,
                Map.of(),
                List.of(
                        guest.handlers()
                                .resolve("fake/vmext.Fake-1.0.0/bin/vmext-finding")
                                .toString(),
                        guest.root.resolve("var/log/azure/vmext.Fake/events").toString(),
                        "fake-found",
                        subject,
                        "--severity",
                        "high",
                        "--evidence",
                        "signature=Eicar"));
        assertThat(said.exit()).as(said.all()).isZero();
    }
}
