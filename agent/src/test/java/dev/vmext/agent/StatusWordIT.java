package dev.vmext.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.testing.SamplePackage;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.protocol.status.StatusWord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A handler whose enable ends while its work goes on: what it said before that enable is not its word about it. */
class StatusWordIT {
    @TempDir
    Path temp;

    private Bench bench;
    private Path go;

    @BeforeEach
    void open() throws IOException {
        bench = new Bench(temp);
        go = temp.resolve("go");
    }

    @AfterEach
    void close() {
        bench.close();
    }

    /** Its enable ends at once; it says that it works when the test lets it. */
    private PackageOffer later(String version) throws IOException {
        SamplePackage sample =
                bench.sample("acme.Later", version).file("bin/handler.sh", bench.script(version, """
                        if [ "$1" = enable ]; then
                          ( while [ ! -e %s ]; do sleep 0.05; done
                            printf '[{"version": 1.0, "status": {"operation": "Enable", "status": "success", "code": 0, "formattedMessage": {"lang": "en-US", "message": "later"}}}]' > status/y
                            mv status/y status/$ConfigSequenceNumber.status ) >/dev/null 2>&1 </dev/null &
                          exit 0
                        fi
                        """.formatted(go)));
        return bench.publish(sample, "acme.Later", version);
    }

    private static boolean works(InstallationStatus status) {
        return status.status() != null && status.status().status() == StatusWord.TRANSITIONING;
    }

    private List<String> readyWith(String version) {
        return bench.reported.getOrDefault("app", List.of()).stream()
                .filter(status -> version.equals(status.version()))
                .filter(status -> status.state() == InstallationState.READY)
                .map(status -> status.status() == null ? "" : status.status().message())
                .distinct()
                .toList();
    }

    @Test
    void anUpdateIsNotReadyOnTheWordOfTheVersionBefore() throws Exception {
        bench.want("app", bench.publish(bench.sample("acme.Later", "1.0.0"), "acme.Later", "1.0.0"), 0, "{}");
        bench.push();
        bench.until("app", InstallationState.READY);

        bench.want("app", later("1.1.0"), 0, "{}");
        bench.push();
        bench.until("app", status -> "1.1.0".equals(status.version()) && works(status));
        assertThat(bench.places.handler("app", "acme.Later", "1.1.0").resolve("status/0.status"))
                .as("the update took the old word along")
                .content()
                .contains("said by 1.0.0");
        Files.createFile(go);
        bench.until("app", status -> status.state() == InstallationState.READY && "1.1.0".equals(status.version()));
        assertThat(readyWith("1.1.0")).containsExactly("later");
    }

    @Test
    void afterABootItIsReadyOnlyWhenItSaysSoAgain() throws Exception {
        bench.want("app", later("1.0.0"), 0, "{}");
        bench.push();
        Files.createFile(go);
        bench.until("app", InstallationState.READY);

        Files.delete(go);
        bench.reported.remove("app");
        bench.reboot();
        bench.until("app", StatusWordIT::works);
        Files.createFile(go);
        bench.until(
                "app",
                status -> status.state() == InstallationState.READY
                        && status.status() != null
                        && status.status().status() == StatusWord.SUCCESS);
        assertThat(bench.calls())
                .filteredOn(call -> call.equals("1.0.0 enable 0"))
                .hasSize(2);
    }
}
