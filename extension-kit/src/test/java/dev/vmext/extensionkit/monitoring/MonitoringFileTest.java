package dev.vmext.extensionkit.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.extensionkit.HandlerEnvironment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MonitoringFileTest {
    @TempDir
    private Path folder;

    private MonitoringFile file() {
        return new MonitoringFile(new HandlerEnvironment(
                "a.B", folder, folder.resolve("config"), folder, folder, folder.resolve("beat"), Optional.empty()));
    }

    private static Endpoint endpoint(String name, Endpoint.Address address) {
        return new Endpoint(name, address, 30, 5, 200, List.of("node_.*"), List.of(), Map.of("team", "red"));
    }

    private static WatchedProbe probe(String name, Check check) {
        return new WatchedProbe(name, check, 10, 5, 0, 3, 1, false, Optional.of("application-unhealthy"));
    }

    @Test
    void saysWhatIsToBeWatched() throws Exception {
        file().replace(
                        List.of(
                                endpoint("node", new Endpoint.Address.Socket("/run/x.sock", "/metrics")),
                                endpoint("shop", new Endpoint.Address.Url("http://127.0.0.1:8080/metrics"))),
                        List.of(
                                probe(
                                        "web",
                                        new Check.Http(
                                                "http://127.0.0.1/",
                                                "GET",
                                                List.of("200-299"),
                                                Map.of("X-A", "b"),
                                                "ok")),
                                probe("ssh", new Check.Tcp("127.0.0.1", 22)),
                                probe("cron", new Check.Unit("cron.service")),
                                probe("worker", new Check.RunningProcess("worker")),
                                probe("disk", new Check.Command(List.of("/bin/check", "-v")))));
        Path written = folder.resolve("config/monitoring.json");
        assertThat(written)
                .hasContent("{\"v\":1,\"metrics\":["
                        + "{\"name\":\"node\",\"socket\":\"/run/x.sock\",\"path\":\"/metrics\",\"intervalSec\":30,\"timeoutSec\":5,"
                        + "\"maxSeries\":200,\"keep\":\"node_.*\",\"labels\":{\"team\":\"red\"}},"
                        + "{\"name\":\"shop\",\"url\":\"http://127.0.0.1:8080/metrics\",\"intervalSec\":30,\"timeoutSec\":5,"
                        + "\"maxSeries\":200,\"keep\":\"node_.*\",\"labels\":{\"team\":\"red\"}}],\"probes\":["
                        + "{\"name\":\"web\",\"http\":{\"url\":\"http://127.0.0.1/\",\"method\":\"GET\",\"statuses\":[\"200-299\"],"
                        + "\"headers\":{\"X-A\":\"b\"},\"bodyMatch\":\"ok\"}," + THE_REST + ","
                        + "{\"name\":\"ssh\",\"tcp\":{\"host\":\"127.0.0.1\",\"port\":22}," + THE_REST + ","
                        + "{\"name\":\"cron\",\"unit\":{\"name\":\"cron.service\"}," + THE_REST + ","
                        + "{\"name\":\"worker\",\"process\":{\"name\":\"worker\"}," + THE_REST + ","
                        + "{\"name\":\"disk\",\"exec\":{\"command\":[\"/bin/check\",\"-v\"]}," + THE_REST + "]}\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(written)))
                .as("headers may be secret")
                .isEqualTo("rw-------");
    }

    private static final String THE_REST = "\"intervalSec\":10,\"timeoutSec\":5,\"graceSec\":0,\"failureThreshold\":3,"
            + "\"successThreshold\":1,\"health\":false,\"finding\":\"application-unhealthy\"}";

    @Test
    void severalExpressionsBecomeOne() throws Exception {
        Endpoint.Address address = new Endpoint.Address.Url("http://127.0.0.1/");
        file().replace(
                        List.of(new Endpoint("a", address, 10, 5, 10, List.of(), List.of("a|b", "c.*"), Map.of())),
                        List.of());
        assertThat(Files.readString(folder.resolve("config/monitoring.json")))
                .contains("\"drop\":\"(?:a|b)|(?:c.*)\"")
                .doesNotContain("keep", "labels");
    }

    @Test
    void isGoneWhenItIsDeletedAndMayBeDeletedAgain() throws Exception {
        file().replace(List.of(), List.of());
        file().delete();
        file().delete();
        assertThat(folder.resolve("config/monitoring.json")).doesNotExist();
    }

    @Test
    void refusesTwoOfOneNameAndKeepsTheOldFile() throws Exception {
        file().replace(List.of(), List.of());
        WatchedProbe one = probe("one", new Check.Tcp("127.0.0.1", 22));
        assertThatThrownBy(() -> file().replace(List.of(), List.of(one, one)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("two probes are called one");
        assertThat(folder.resolve("config/monitoring.json")).hasContent("{\"v\":1,\"metrics\":[],\"probes\":[]}\n");
    }

    @Test
    void refusesWhatTheAgentWouldRefuse() {
        assertThatThrownBy(() -> new Endpoint.Address.Url("http://user:secret@host/"))
                .hasMessageContaining("address");
        assertThatThrownBy(() -> new Endpoint.Address.Socket("run/x.sock", "/metrics"))
                .hasMessageContaining("absolute");
        Endpoint.Address address = new Endpoint.Address.Url("http://127.0.0.1/");
        assertThatThrownBy(() -> new Endpoint("a", address, 10, 5, 10, List.of("["), List.of(), Map.of()))
                .hasMessageContaining("\"[\" is no regular expression");
        assertThatThrownBy(() -> new Endpoint("a", address, 10, 5, 10, List.of(), List.of(), Map.of("machine", "x")))
                .hasMessageContaining("set by vmext itself");
        assertThatThrownBy(() -> new Endpoint("a", address, 10, 11, 10, List.of(), List.of(), Map.of()))
                .hasMessageContaining("time for one reading");
        assertThatThrownBy(() -> new Endpoint("A", address, 10, 5, 10, List.of(), List.of(), Map.of()))
                .hasMessageContaining("lower-case");
        assertThatThrownBy(() -> new WatchedProbe("a", new Check.Tcp("h", 1), 10, 5, 0, 0, 1, false, Optional.empty()))
                .hasMessageContaining("from 1 to 100");
    }
}
