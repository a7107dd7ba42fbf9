package dev.vmext.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.metrics.MetricRetention;
import dev.vmext.server.repository.s3.S3Settings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {
    @TempDir
    Path folder;

    @Test
    void hasADefaultForEverything() {
        assertThat(load()).isEqualTo(ServerConfig.DEFAULTS);
        assertThat(ServerConfig.DEFAULTS.lines())
                .containsExactly(
                        "api = 127.0.0.1:7440",
                        "gateway = 0.0.0.0:4320",
                        "advertise = []",
                        "portal = (none)",
                        "agent = (none)",
                        "packageLimitMiB = 512",
                        "diskReserveMiB = 512",
                        "metrics = samples 30 d, five minutes 120 d, hours 730 d, 5000 series per machine",
                        "repositoryStore = (the folder repositories)");
    }

    @Test
    void readsEverySettingOfTheFile() throws IOException {
        write("""
                {"version": 1, "api": "localhost:8000", "gateway": "[::]:4321", "advertise": ["vm.example"],
                 "portal": "/srv/portal", "agent": "/srv/agent", "packageLimitMiB": 8, "diskReserveMiB": 16,
                 "metrics": {"samplesDays": 7, "fiveMinutesDays": 14, "hoursDays": 21, "seriesPerMachine": 99},
                 "repositoryStore": {"endpoint": "https://s3.example.org", "bucket": "backups", "prefix": "a/b",
                   "region": "eu-1", "pathStyle": false, "credentialsFile": "/etc/vmext/s3"}}
                """);

        assertThat(load())
                .isEqualTo(new ServerConfig(
                        new Endpoint("localhost", 8000),
                        new Endpoint("::", 4321),
                        List.of("vm.example"),
                        Optional.of(Path.of("/srv/portal")),
                        Optional.of(Path.of("/srv/agent")),
                        8 * 1024 * 1024,
                        16 * 1024 * 1024,
                        new MetricRetention(Duration.ofDays(7), Duration.ofDays(14), Duration.ofDays(21), 99),
                        Optional.of(new S3Settings(
                                URI.create("https://s3.example.org"),
                                "backups",
                                "a/b",
                                "eu-1",
                                false,
                                Optional.of(Path.of("/etc/vmext/s3"))))));
    }

    @Test
    void tiersAreKeptAtLeastAsLongAsSamples() throws IOException {
        write("{\"metrics\": {\"samplesDays\": 1000}}");

        assertThat(load().metrics().hours()).isEqualTo(Duration.ofDays(1000));

        write("{\"metrics\": {\"samplesDays\": 30, \"hoursDays\": 10}}");

        assertThat(catchThrowableOfType(ProblemException.class, this::load).getMessage())
                .contains("cannot keep metrics like that");
    }

    @Test
    void aStoreNeedsOnlyEndpointAndBucket() throws IOException {
        write("{\"repositoryStore\": {\"endpoint\": \"https://s3.example.org\", \"bucket\": \"backups\"}}");
        assertThat(load().lines())
                .contains("repositoryStore = s3:https://s3.example.org/backups/vmext (region us-east-1, credentials in"
                        + " the environment)");

        write("{\"repositoryStore\": {\"endpoint\": \"https://s3.example.org\"}}");
        assertThat(refused().detail()).isEqualTo("cannot use repositoryStore: it has no bucket");
        write("{\"repositoryStore\": {\"bucket\": \"backups\", \"endpoint\": \"s3.example.org\"}}");
        assertThat(refused().detail()).contains("repositoryStore.endpoint \"s3.example.org\"");
        write("{\"repositoryStore\": {\"buckets\": \"backups\"}}");
        assertThat(refused().hint()).isEqualTo("Did you mean \"bucket\"?");
    }

    @Test
    void letsArgumentsReplaceTheFile() throws IOException {
        write("{\"api\": \"127.0.0.1:8000\", \"gateway\": \"0.0.0.0:8001\"}");

        ServerConfig config = load("--api", "127.0.0.1:0", "--gateway=127.0.0.1:0", "--portal", "p", "--agent", "a");

        assertThat(config.api()).isEqualTo(new Endpoint("127.0.0.1", 0));
        assertThat(config.gateway()).isEqualTo(new Endpoint("127.0.0.1", 0));
        assertThat(config.portal()).hasValue(Path.of("p"));
        assertThat(config.agent()).hasValue(Path.of("a"));
    }

    @Test
    void refusesAKeyNobodyKnowsWithASuggestion() throws IOException {
        write("{\"gatway\": \"0.0.0.0:4320\"}");

        ProblemException problem = refused();

        assertThat(problem.code()).isEqualTo(ProblemCode.INVALID_VALUE);
        assertThat(problem.detail()).contains("server.json", "there is no key \"gatway\"");
        assertThat(problem.hint()).isEqualTo("Did you mean \"gateway\"?");
    }

    @Test
    void refusesPlainHttpOffLoopback() {
        assertThat(refused("--api", "0.0.0.0:7440").detail()).contains("only allowed on loopback");
    }

    @Test
    void refusesAnEndpointWithoutPort() {
        assertThat(refused("--api", "127.0.0.1").detail()).contains("host:port");
    }

    @Test
    void refusesAnOptionNobodyKnowsAndOneWithoutValue() {
        assertThat(refused("--gatewy", "x").hint()).isEqualTo("Did you mean \"--gateway\"?");
        assertThat(refused("--api").detail()).contains("--api needs a value");
        assertThat(refused("--api", "a:1", "--api", "b:1").detail()).contains("given twice");
    }

    @Test
    void refusesANewerVersionOfTheFile() throws IOException {
        write("{\"version\": 2}");

        assertThat(refused().detail()).contains("version must be 1, not 2");
    }

    private void write(String text) throws IOException {
        Files.writeString(folder.resolve("server.json"), text);
    }

    private ServerConfig load(String... arguments) {
        return ConfigFile.load(new Home(folder), Arguments.parse(List.of(arguments), folder));
    }

    private ProblemException refused(String... arguments) {
        return catchThrowableOfType(ProblemException.class, () -> load(arguments));
    }
}
