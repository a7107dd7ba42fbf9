package dev.vmext.applicationhealth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.extensionkit.HandlerRun;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ApplicationHealthTest {
    @TempDir
    private Path folder;

    private Path base = Path.of("/nowhere");

    @BeforeEach
    void layOutTheContractsFolders() throws Exception {
        base = folder.resolve("handlers/shop/vmext.ApplicationHealth-1.0.0");
        Files.createDirectories(base.resolve("config"));
        Files.createDirectories(base.resolve("status"));
        Files.writeString(base.resolve("HandlerEnvironment.json"), """
                [{"name": "vmext.ApplicationHealth", "version": 1.0, "handlerEnvironment": {"logFolder": "%s/log", \
                "configFolder": "%s/config", "statusFolder": "%s/status", "heartbeatFile": "%s/heartbeat.log"}}]""".formatted(folder, base, base, base));
    }

    private int run(String command, String settings) throws Exception {
        Files.writeString(
                base.resolve("config/0.settings"),
                "{\"runtimeSettings\": [{\"handlerSettings\": {\"publicSettings\": " + settings + "}}]}");
        PrintStream err = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        InstantSource clock = InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));
        return new HandlerRun(
                        new ApplicationHealth(),
                        new HandlerRun.Surroundings(Map.of("ConfigSequenceNumber", "0"), base, 42, clock, err))
                .run(List.of(command));
    }

    private String status() throws Exception {
        return Files.readString(base.resolve("status/0.status"));
    }

    private String monitoring() throws Exception {
        return Files.readString(base.resolve("config/monitoring.json"));
    }

    private static final String TWO = """
            {"applications": [{"name": "web", "http": {"url": "http://127.0.0.1:8080/health", "headers": {"X-Key": "abc"}}}],
             "commands": [{"name": "disk", "command": ["/usr/bin/test", "-w", "/srv/secret-place"]}]}""";

    @Test
    void tellsTheAgentWhatToAskAndWhichFindingToOpen() throws Exception {
        assertThat(run("install", TWO)).isZero();
        assertThat(run("enable", TWO)).isZero();
        assertThat(monitoring())
                .contains("{\"name\":\"web\",\"http\":{\"url\":\"http://127.0.0.1:8080/health\",\"method\":\"GET\"")
                .contains("{\"name\":\"disk\",\"exec\":{\"command\":[\"/usr/bin/test\",\"-w\",\"/srv/secret-place\"]}")
                .contains("\"health\":false,\"finding\":\"application-unhealthy\"");
        assertThat(status())
                .contains("2 applications are asked")
                .contains("web: GET http://127.0.0.1:8080/health answers 200-299, every 30 s")
                .contains("disk: command /usr/bin/test, every 30 s")
                .doesNotContain("abc", "secret-place");
    }

    @Test
    void wrongSettingsLeaveWhatIsAskedAsItWas() throws Exception {
        run("enable", TWO);
        String before = monitoring();
        assertThat(run("enable", "{\"applications\": [{\"name\": \"web\"}]}")).isEqualTo(53);
        assertThat(status()).contains("cannot use settings.applications[0]: it needs exactly one of");
        assertThat(monitoring()).isEqualTo(before);
    }

    @Test
    void whoIsDisabledOrRemovedAsksNothing() throws Exception {
        run("enable", TWO);
        assertThat(run("disable", TWO)).isZero();
        assertThat(base.resolve("config/monitoring.json")).doesNotExist();
        run("enable", TWO);
        assertThat(run("uninstall", TWO)).isZero();
        assertThat(run("uninstall", TWO)).as("may be repeated").isZero();
        assertThat(base.resolve("config/monitoring.json")).doesNotExist();
    }
}
