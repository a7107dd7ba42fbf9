package dev.vmext.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.protocol.Digest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloadIT {
    @TempDir
    Path home;

    private GatewayFixture plane;
    private ScriptedAgent agent;
    private String path;

    @BeforeEach
    void start() throws Exception {
        plane = new GatewayFixture(home);
        Digest digest = plane.publish();
        path = "/v1/packages/sha256/" + digest.hex();
        agent = plane.connected("web1");
        plane.install("web1", "site", Map.of());
    }

    @AfterEach
    void stop() {
        plane.close();
    }

    @Test
    void packageOfTheGoalIsSentWhole() throws Exception {
        HttpResponse<byte[]> response = agent.get(path);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(GatewayFixture.zip());
    }

    @Test
    void brokenDownloadContinuesWhereItStopped() throws Exception {
        String tag = agent.get(path).headers().firstValue("ETag").orElseThrow();

        HttpResponse<byte[]> rest = agent.get(path, "Range", "bytes=100000-", "If-Range", tag);

        assertThat(rest.statusCode()).isEqualTo(206);
        assertThat(rest.headers().firstValue("Content-Range"))
                .contains("bytes 100000-" + (GatewayFixture.zip().length - 1) + "/" + GatewayFixture.zip().length);
        assertThat(rest.body())
                .isEqualTo(Arrays.copyOfRange(GatewayFixture.zip(), 100_000, GatewayFixture.zip().length));
    }

    @Test
    void rangeOfAnotherFileGetsTheWholeOne() throws Exception {
        assertThat(agent.get(path, "Range", "bytes=5-9", "If-Range", "\"other\"")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void rangeBehindTheEndIsRefused() throws Exception {
        assertThat(agent.get(path, "Range", "bytes=99999999-").statusCode()).isEqualTo(416);
    }

    @Test
    void packageThatIsNotInTheGoalIsRefusedAsIfItWereNotThere() throws Exception {
        ScriptedAgent other = plane.connected("web2");

        HttpResponse<byte[]> forbidden = other.get(path);
        HttpResponse<byte[]> absent = other.get("/v1/packages/sha256/" + "0".repeat(64));

        assertThat(forbidden.statusCode()).isEqualTo(404).isEqualTo(absent.statusCode());
        assertThat(new String(forbidden.body(), StandardCharsets.UTF_8)).contains("package-not-found");
    }

    @Test
    void strangersGetNoPackage() throws Exception {
        assertThat(plane.stranger().get(path).statusCode()).isEqualTo(401);
    }

    @Test
    void anybodyGetsTheAgentArchive() throws Exception {
        Files.createDirectories(home.resolve("agent"));
        Files.writeString(home.resolve("agent/linux-amd64.tar.gz"), "archive");

        HttpResponse<byte[]> response = plane.stranger().get("/v1/agent/linux-amd64.tar.gz");

        assertThat(new String(response.body(), StandardCharsets.UTF_8)).isEqualTo("archive");
    }

    @Test
    void agentThatWasNotBuiltIsSaidToBeMissing() throws Exception {
        HttpResponse<byte[]> response = plane.stranger().get("/v1/agent/linux-amd64.deb");

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue(GatewayHandler.PROBLEM_HEADER)).contains("agent-build-missing");
    }
}
