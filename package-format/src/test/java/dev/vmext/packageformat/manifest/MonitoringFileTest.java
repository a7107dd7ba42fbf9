package dev.vmext.packageformat.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.SchemaFile;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MonitoringFileTest {
    private static MonitoringFile parse(String json) {
        return MonitoringFile.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void schemaAndReaderKnowTheSameFields() throws IOException {
        assertThat(new SchemaFile("monitoring.schema.json").fields())
                .isEqualTo(SchemaFile.fields(MonitoringFile.SHAPES));
    }

    @Test
    void readsEveryExample() throws IOException {
        var examples = SchemaFile.examples("monitoring.");
        assertThat(examples).hasSizeGreaterThanOrEqualTo(2);
        for (Path example : examples) {
            assertThat(MonitoringFile.parse(Files.readAllBytes(example)).metrics())
                    .isNotEmpty();
        }
    }

    @Test
    void theFullExampleShowsEveryField() throws IOException {
        String full = Files.readString(SchemaFile.examples("monitoring.full").getFirst());
        new SchemaFile("monitoring.schema.json")
                .fields()
                .forEach((path, fields) -> assertThat(fields)
                        .as(path)
                        .allSatisfy(field -> assertThat(full).contains("\"" + field + "\":")));
    }

    @Test
    void readsEndpointsAndProbes() {
        MonitoringFile file = parse("""
                {"v": 1,
                 "metrics": [
                   {"name": "a", "url": "http://127.0.0.1:9100/metrics"},
                   {"name": "b", "socket": "/run/b.sock", "path": "/m?x=1", "intervalSec": 5, "timeoutSec": 2,
                    "maxSeries": 7, "keep": "b_.*", "drop": "b_go_.*", "labels": {"z": "1", "a": "2"}}],
                 "probes": [
                   {"name": "p", "unit": {"name": "b.service"}},
                   {"name": "q", "tcp": {"port": 80}, "health": false, "finding": "app-down"}]}""");
        assertThat(file.metrics())
                .containsExactly(
                        new MetricEndpoint(
                                "a",
                                new MetricSource.Web(URI.create("http://127.0.0.1:9100/metrics")),
                                Duration.ofSeconds(60),
                                Duration.ofSeconds(10),
                                1000,
                                Optional.empty(),
                                Optional.empty(),
                                Map.of()),
                        new MetricEndpoint(
                                "b",
                                new MetricSource.UnixSocket("/run/b.sock", "/m?x=1"),
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(2),
                                7,
                                Optional.of("b_.*"),
                                Optional.of("b_go_.*"),
                                Map.of("a", "2", "z", "1")));
        assertThat(file.probes()).extracting(MonitoringProbe::health).containsExactly(true, false);
        assertThat(file.probes()).extracting(MonitoringProbe::finding).containsExactly("", "app-down");
        assertThat(file.probes().getFirst().probe().check()).isEqualTo(new ProbeCheck.ActiveUnit("b.service"));
    }

    private static ProbeCheck check(String http) {
        return parse("{\"v\": 1, \"probes\": [{\"name\": \"a\", \"http\": " + http + "}]}")
                .probes()
                .getFirst()
                .probe()
                .check();
    }

    @Test
    void readsWhatIsAskedOverHttpAndWhichAnswerIsHealthy() {
        assertThat(check("""
                {"url": "http://a/b", "method": "HEAD", "statuses": ["204", "300-399"], "headers": {"X-A": "b c"}}"""))
                .isEqualTo(new ProbeCheck.Http(
                        URI.create("http://a/b"),
                        "HEAD",
                        List.of(new ProbeCheck.StatusCodes(204, 204), new ProbeCheck.StatusCodes(300, 399)),
                        Map.of("X-A", "b c"),
                        ""));
        assertThat(check("{\"url\": \"http://a/\", \"bodyMatch\": \"up\"}"))
                .isEqualTo(new ProbeCheck.Http(
                        URI.create("http://a/"), "GET", List.of(new ProbeCheck.StatusCodes(200, 200)), Map.of(), "up"));
        assertThat(check("{\"url\": \"http://a/\", \"headers\": {\"Authorization\": \"Bearer s3cret\"}}"))
                .asString()
                .contains("Authorization")
                .doesNotContain("s3cret");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "{\"url\": \"http://a/\", \"method\": \"POST\"} | method: it is neither GET nor HEAD",
                "{\"url\": \"http://a/\", \"status\": 200, \"statuses\": [\"200\"]} | status: there is statuses too",
                "{\"url\": \"http://a/\", \"statuses\": []} | statuses: it must have 1 to 20 entries",
                "{\"url\": \"http://a/\", \"statuses\": [\"2xx\"]} | statuses: \"2xx\" is no status code",
                "{\"url\": \"http://a/\", \"statuses\": [\"299-200\"]} | 299-200 ends before it begins",
                "{\"url\": \"http://a/\", \"headers\": {\"HOST\": \"b\"}} | the header HOST is set by the connection itself",
                "{\"url\": \"http://a/\", \"headers\": {\"A B\": \"b\"}} | \"A B\" is no name of a header",
                "{\"url\": \"http://a/\", \"headers\": {\"A\": \"s3cret\\n\"}} | the value of A is longer than 4096 characters or not plain",
                "{\"url\": \"http://a/\", \"bodyMatch\": \"(\"} | bodyMatch: it is no regular expression",
                "{\"url\": \"http://a/\", \"method\": \"HEAD\", \"bodyMatch\": \"x\"} | bodyMatch: an answer to HEAD has no body",
            })
    void questionsOverHttpThatCannotBeAskedAreRefused(String http, String expected) {
        assertThatThrownBy(() -> check(http))
                .isInstanceOf(PackageException.class)
                .hasMessageContaining(expected)
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void nothingDeclaredIsFine() {
        assertThat(parse("{\"v\": 1}")).isEqualTo(new MonitoringFile(List.of(), List.of()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "[] | must be a JSON object",
                "{} | v",
                "{\"v\": 2} | 2 is newer than this agent understands",
                "{\"v\": 1, \"metric\": []} | \"metric\" is not known",
                "{\"v\": 1, \"metrics\": [{\"name\": \"a\"}]} | metrics[0].url: an endpoint needs exactly one of url and socket",
                "{\"v\": 1, \"metrics\": [{\"name\": \"a\", \"socket\": \"/s\"}, {\"name\": \"a\", \"socket\": \"/s\"}]} | is there twice",
                "{\"v\": 1, \"metrics\": [{\"name\": \"a\", \"socket\": \"/s\", \"keep\": \"a(\"}]} | metrics[0].keep: it is no regular expression",
                "{\"v\": 1, \"metrics\": [{\"name\": \"a\", \"socket\": \"/s\", \"labels\": {\"machine\": \"x\"}}]} | is set by vmext itself",
                "{\"v\": 1, \"probes\": [{\"name\": \"a\", \"tcp\": {\"port\": 1}, \"health\": \"no\"}]} | probes[0].health: it must be true or false",
                "{\"v\": 1, \"probes\": [{\"name\": \"a\", \"tcp\": {\"port\": 1}, \"finding\": \"A\"}]} | probes[0].finding",
            })
    void brokenFilesAreRefusedWithPlaceAndReason(String json, String expected) {
        assertThatThrownBy(() -> parse(json))
                .isInstanceOf(PackageException.class)
                .hasMessageContaining("monitoring.json")
                .hasMessageContaining(expected);
    }

    @Test
    void filesThatAreTooLargeAreRefused() {
        assertThatThrownBy(() -> MonitoringFile.parse(new byte[MonitoringFile.MAX_BYTES + 1]))
                .hasMessageContaining("larger than");
        StringBuilder text = new StringBuilder("{\"v\": 1, \"metrics\": [");
        for (int i = 0; i <= MonitoringFile.MAX_METRICS; i++) {
            text.append("{\"name\": \"n").append(i).append("\", \"socket\": \"/s\"},");
        }
        text.setLength(text.length() - 1);
        assertThatThrownBy(() -> parse(text.append("]}").toString())).hasMessageContaining("more than 64");
    }
}
