package dev.vmext.agent;

import static dev.vmext.protocol.status.InstallationState.READY;
import static dev.vmext.protocol.status.InstallationState.REMOVED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.run.Monitoring;
import dev.vmext.packageformat.manifest.MetricEndpoint;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.status.HandlerStatus.Substatus;
import dev.vmext.protocol.status.StatusWord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What manifests and {@code monitoring.json} declare, from real handlers through the real loop. */
class MonitoringIT {
    private static final String METRICS = "[{\"name\": \"own\", \"url\": \"http://127.0.0.1:1/metrics\"}]";
    private static final String FINDINGS = "[{\"type\": \"app-down\", \"severity\": \"high\"}]";

    @TempDir
    Path temp;

    private Bench bench;

    @BeforeEach
    void open() throws IOException {
        bench = new Bench(temp);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    /** With settings 0 it declares rightly, with 1 wrongly, with 2 nothing. */
    private PackageOffer app() throws IOException {
        return bench.publish(
                bench.sample("acme.App", "1.0.0")
                        .extension("metrics", METRICS)
                        .extension("findings", FINDINGS)
                        .file("bin/handler.sh", bench.script("1.0.0", """
                                if [ "$1" = enable ]; then
                                  rm -f config/monitoring.json
                                  case $ConfigSequenceNumber in
                                  0) echo '{"v":1,"metrics":[{"name":"app","socket":"/run/app.sock"}],"probes":[{"name":"up","exec":{"command":["/bin/true"]}},{"name":"web","tcp":{"port":1},"health":false,"finding":"app-down"}]}' > config/m ;;
                                  1) echo '{"v":1,"probes":[{"name":"web","tcp":{"port":1},"finding":"undeclared"}]}' > config/m ;;
                                  esac
                                  [ ! -f config/m ] || mv config/m config/monitoring.json
                                fi
                                """)),
                "acme.App",
                "1.0.0");
    }

    private Monitoring.Declared newest() {
        return bench.monitoring.declared().getLast();
    }

    @Test
    void whatHandlersDeclareIsTakenAndABrokenFileChangesNothing() throws Exception {
        PackageOffer offer = app();
        bench.want("app", offer, 0, "{}");
        bench.push();
        assertThat(bench.until("app", READY).healthy()).isTrue();
        assertThat(bench.monitoring.running()).containsExactly("app");
        assertThat(newest().endpoints()).extracting(MetricEndpoint::name).containsExactly("own", "app");
        assertThat(newest().probes()).extracting(probe -> probe.probe().name()).containsExactly("up", "web");
        assertThat(bench.monitoring.probed()).isNotEmpty().allSatisfy(probed -> {
            assertThat(probed.probe().probe().name()).isEqualTo("up");
            assertThat(probed.failure()).isEmpty();
            assertThat(probed.healthy()).isTrue();
        });

        bench.want("app", offer, 1, "{}");
        bench.push();
        List<Substatus> parts = Objects.requireNonNull(
                        bench.until("app", status -> status.state() == READY && status.sequence() == 1)
                                .status())
                .substatus();
        assertThat(parts).singleElement().satisfies(part -> {
            assertThat(part.name()).isEqualTo("monitoring.json");
            assertThat(part.status()).isEqualTo(StatusWord.WARNING);
            assertThat(part.message())
                    .contains("the finding \"undeclared\" of probe web is not declared in extension.json")
                    .contains("what was declared before stays in force");
        });
        assertThat(newest().endpoints()).extracting(MetricEndpoint::name).containsExactly("own", "app");

        bench.restartAgent();
        bench.stepUntil(() -> bench.monitoring.declared().size() >= 3);
        assertThat(newest().endpoints()).extracting(MetricEndpoint::name).containsExactly("own", "app");

        bench.want("app", offer, 2, "{}");
        bench.push();
        bench.until("app", status -> status.state() == READY && status.sequence() == 2);
        assertThat(newest().endpoints()).extracting(MetricEndpoint::name).containsExactly("own");
        assertThat(newest().probes()).isEmpty();
    }

    @Test
    void whatIsRemovedIsNotAskedAnyMore() throws Exception {
        bench.want("app", app(), 0, "{}");
        bench.push();
        bench.until("app", READY);
        bench.wantGone("app");
        bench.push();
        bench.until("app", REMOVED);
        assertThat(bench.monitoring.running()).isEmpty();
        bench.assertNothingLeftOf("app");
    }
}
