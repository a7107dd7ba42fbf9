package dev.vmext.applicationhealth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.monitoring.Check;
import dev.vmext.extensionkit.monitoring.WatchedProbe;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HealthSettingsTest {
    private static final String WEB =
            "{\"applications\": [{\"name\": \"web\", \"http\": {\"url\": \"http://127.0.0.1/\"}}]}";

    @Test
    void readsEveryKindOfQuestion() {
        List<WatchedProbe> probes = Given.probes("""
                {"applications": [
                   {"name": "web", "http": {"url": "https://127.0.0.1:8443/health", "method": "GET", "statuses": ["200-204", "301"],
                                            "headers": {"Accept": "text/plain"}, "body": "^ok"},
                    "intervalSec": 10, "timeoutSec": 3, "graceSec": 0, "failuresUntilUnhealthy": 2, "passesUntilHealthy": 4},
                   {"name": "db", "tcp": {"port": 5432}},
                   {"name": "worker", "process": {"name": "worker"}},
                   {"name": "cron", "unit": {"name": "cron.service"}}],
                 "commands": [{"name": "disk", "command": ["/usr/bin/test", "-w", "/srv"]}]}""");
        assertThat(probes.getFirst())
                .isEqualTo(new WatchedProbe(
                        "web",
                        new Check.Http(
                                "https://127.0.0.1:8443/health",
                                "GET",
                                List.of("200-204", "301"),
                                Map.of("Accept", "text/plain"),
                                "^ok"),
                        10,
                        3,
                        0,
                        2,
                        4,
                        false,
                        Optional.of("application-unhealthy")));
        assertThat(probes.stream().skip(1).map(WatchedProbe::check))
                .containsExactly(
                        new Check.Tcp("127.0.0.1", 5432),
                        new Check.RunningProcess("worker"),
                        new Check.Unit("cron.service"),
                        new Check.Command(List.of("/usr/bin/test", "-w", "/srv")));
        assertThat(probes.get(1).intervalSec()).isEqualTo(30);
        assertThat(probes.get(1).graceSec()).isEqualTo(60);
    }

    @Test
    void secretHeadersJoinTheOthersOfTheirApplication() {
        WatchedProbe probe = Given.probes(WEB, "{\"headers\": {\"web\": {\"Authorization\": \"Bearer s3cret\"}}}")
                .getFirst();
        assertThat(((Check.Http) probe.check()).headers()).isEqualTo(Map.of("Authorization", "Bearer s3cret"));
        assertThatThrownBy(() -> Given.probes(WEB, "{\"headers\": {\"wep\": {\"Authorization\": \"Bearer s3cret\"}}}"))
                .hasMessageContaining("no application with http has the name \"wep\"")
                .hasMessageNotContaining("s3cret");
        assertThatThrownBy(() -> Given.probes(WEB, "{\"headers\": {\"web\": {\"A B\": \"s3cret\"}}}"))
                .hasMessageContaining("\"A B\" is no name of a header")
                .hasMessageNotContaining("s3cret");
        assertThatThrownBy(() -> Given.probes(WEB, "{\"headers\": {\"web\": {\"A\": \"s3cret\\n\"}}}"))
                .hasMessageContaining("the value of the header A is longer")
                .hasMessageNotContaining("s3cret");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {} | there is nothing to ask
            {"aplications": []} | there is no setting "aplications". Did you mean applications?
            {"applications": [{"name": "a"}]} | settings.applications[0]: it needs exactly one of http, tcp, process, unit
            {"applications": [{"name": "a", "tcp": {"port": 1}, "unit": {"name": "a.service"}}]} | Make it two applications
            {"applications": [{"name": "A", "tcp": {"port": 1}}]} | the name must be lower-case
            {"applications": [{"name": "a", "tcp": {"port": 1}}, {"name": "a", "tcp": {"port": 2}}]} | [1].name: two applications or commands
            {"applications": [{"name": "a", "tcp": {}}]} | settings.applications[0].tcp.port: it is missing
            {"applications": [{"name": "a", "tcp": {"port": 65536}}]} | from 1 to 65535
            {"applications": [{"name": "a", "tcp": {"prot": 1, "port": 1}}]} | Did you mean port?
            {"applications": [{"name": "a", "http": {"url": "http://me:pass@a/"}}]} | the address must look like
            {"applications": [{"name": "a", "http": {"url": "http://a/", "method": "POST"}}]} | it is not one of GET, HEAD
            {"applications": [{"name": "a", "http": {"url": "http://a/", "statuses": ["2xx"]}}]} | "2xx" is neither a status code like 204
            {"applications": [{"name": "a", "http": {"url": "http://a/", "statuses": ["299-200"]}}]} | "299-200" is neither
            {"applications": [{"name": "a", "http": {"url": "http://a/", "statuses": []}}]} | 1 to 20 healthy status codes
            {"applications": [{"name": "a", "http": {"url": "http://a/", "body": "("}}]} | "(" is no regular expression
            {"applications": [{"name": "a", "http": {"url": "http://a/", "method": "HEAD", "body": "x"}}]} | HEAD has no body
            {"applications": [{"name": "a", "http": {"url": "http://a/", "headers": {"Host": "b"}}}]} | the header Host is set by the connection
            {"applications": [{"name": "a", "unit": {"name": "-a"}}]} | the name of a unit looks like nginx.service
            {"applications": [{"name": "a", "process": {"name": "/usr/bin/a"}}]} | no slash
            {"applications": [{"name": "a", "tcp": {"port": 1}, "intervalSec": 2, "timeoutSec": 3}]} | it is not a whole number from 1 to 2
            {"applications": [{"name": "a", "tcp": {"port": 1}, "failuresUntilUnhealthy": 0}]} | from 1 to 100
            {"commands": [{"name": "a", "command": []}]} | it must be a program with its whole path
            {"commands": [{"name": "a", "command": ["true"]}]} | it must be a program with its whole path
            {"commands": [{"name": "a", "command": ["/bin/true", ""]}]} | no empty words
            """)
    void whatIsWrongIsNamedWithItsPlace(String json, String message) {
        assertThatThrownBy(() -> Given.probes(json))
                .isInstanceOfSatisfying(
                        HandlerException.class, e -> assertThat(e.fullText()).contains(message));
    }

    @Test
    void refusesMoreThanTheAgentWatches() {
        String many = IntStream.rangeClosed(0, HealthSettings.MOST)
                .mapToObj(i -> "{\"name\": \"a%d\", \"tcp\": {\"port\": 1}}".formatted(i))
                .collect(Collectors.joining(",", "{\"applications\": [", "]}"));
        assertThatThrownBy(() -> Given.probes(many)).hasMessageContaining("more than 64");
    }
}
