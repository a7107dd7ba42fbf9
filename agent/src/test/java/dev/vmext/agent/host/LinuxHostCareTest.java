package dev.vmext.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.config.Places;
import dev.vmext.agent.host.testing.FakeHostState;
import dev.vmext.agent.process.CommandLine;
import dev.vmext.agent.process.Measured;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.StatusDetail;
import dev.vmext.protocol.status.Usage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxHostCareTest {
    @TempDir
    Path root;

    private Places places;
    private LinuxHostCare care;

    @BeforeEach
    void machine() throws Exception {
        places = new Places(root);
        care = new LinuxHostCare(places, new FakeHostState(), List.of());
        Files.createDirectories(places.installation("web"));
    }

    private HostCare.Work work(String budget) {
        return new HostCare.Work(
                "web",
                "acme.Web",
                HandlerCommand.ENABLE,
                "web-1-0",
                PreflightTest.description(budget.isEmpty() ? "" : "\"budget\": {" + budget + "}"),
                List.of(places.installation("web"), places.handlerLogs("acme.Web")));
    }

    @Test
    void aCommandRunsWithinTheBudgetOfItsPackage() {
        CommandLine line = new CommandLine(root, root, "true", Map.of());
        assertThat(care.begins(work("\"memoryMiB\": 64, \"cpuPercent\": 50"), line)
                        .confinement())
                .satisfies(place -> {
                    assertThat(place.slice()).isEqualTo("vmext-web.slice");
                    assertThat(place.memoryMiB()).hasValue(64);
                    assertThat(place.cpuPercent()).hasValue(50);
                    assertThat(place.tasks()).isEmpty();
                });
    }

    @Test
    void foldersAreHeldAgainstTheirQuota() throws Exception {
        Files.createDirectories(places.handlerLogs("acme.Web"));
        care.begins(work("\"diskMiB\": 1"), new CommandLine(root, root, "true", Map.of()));
        Path log = places.handlerLogs("acme.Web").resolve("handler.log");
        Files.write(log, new byte[(1 << 20) - 10]);
        assertThat(care.exceeds(work("\"diskMiB\": 1"))).isEmpty();
        Files.write(places.installation("web").resolve("cache"), new byte[10]);
        assertThat(care.exceeds(work("\"diskMiB\": 1"))).get().satisfies(cause -> {
            assertThat(cause.kind()).isEqualTo(CauseClass.KILLED_BY_BUDGET);
            assertThat(cause.message())
                    .contains("1 MiB")
                    .contains(places.handlerLogs("acme.Web").toString());
            assertThat(cause.evidence()).containsEntry("limit", "diskMiB").containsEntry("usedMiB", "1");
        });
        assertThat(care.exceeds(work(""))).as("without a budget").isEmpty();
        assertThat(new LinuxHostCare(places, new FakeHostState(), List.of()).exceeds(work("\"diskMiB\": 1")))
                .as("a command that finds the quota exceeded may clear up")
                .isEmpty();
    }

    @Test
    void addsUpWhatCommandsUsedAcrossRestartsOfTheAgent() throws Exception {
        Files.write(places.installation("web").resolve("cache"), new byte[2048]);
        care.ended(work(""), new Measured(true, 100, 5000, 3, 0, 0), false);
        LinuxHostCare restarted = new LinuxHostCare(places, new FakeHostState(), List.of());
        StatusDetail detail = restarted
                .ended(work(""), new Measured(true, 50, 4000, 7, 0, 0), false)
                .detail()
                .apply(StatusDetail.NONE);
        assertThat(detail.usage()).isEqualTo(new Usage(true, 150, 5000, 7, 2));
    }

    @Test
    void aKillForMemoryExplainsAFailureAndLeavesASuccessAlone() {
        Measured killed = new Measured(true, 100, 65536, 3, 1, 0);
        assertThat(care.ended(work("\"memoryMiB\": 64"), killed, true).exceeded())
                .get()
                .satisfies(cause -> {
                    assertThat(cause.kind()).isEqualTo(CauseClass.KILLED_BY_BUDGET);
                    assertThat(cause.step()).isEqualTo("enable");
                    assertThat(cause.message()).contains("64 MiB");
                    assertThat(cause.evidence()).containsEntry("memory.events", "oom_kill 1");
                });
        assertThat(care.ended(work("\"memoryMiB\": 64"), killed, false).exceeded())
                .isEmpty();
    }

    @Test
    void refusedProcessesExplainAFailure() {
        assertThat(care.ended(work("\"tasks\": 20"), new Measured(true, 100, 0, 20, 0, 9), true)
                        .exceeded())
                .get()
                .satisfies(cause -> assertThat(cause.evidence()).containsEntry("pids.events", "max 9"));
    }
}
