package dev.vmext.agent.freeze;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The script with the real fsfreeze on a real file system, on a loop device in a mount name space of its own. Needs root. */
@Timeout(300)
class FreezeMachineIT {
    @TempDir
    Path folder;

    private String run(String scenario) throws IOException, InterruptedException, URISyntaxException {
        Path script = Path.of(Objects.requireNonNull(FreezeMachineIT.class.getResource("freeze-a-loop-device.sh"))
                .toURI());
        Process process = new ProcessBuilder(
                        "unshare",
                        "-m",
                        "sh",
                        script.toString(),
                        Path.of("src/main/sh/freeze-machine").toAbsolutePath().toString(),
                        folder.toRealPath().toString(),
                        scenario)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    @Test
    void whoWritesWaitsUntilItIsLetGo() throws Exception {
        assertThat(run("release")).isEqualTo("frozen\nwritten\nwhole\n");
    }

    @Test
    void isThawedWhenTheScriptIsKilled() throws Exception {
        assertThat(run("kill")).contains("frozen\n").endsWith("written\nlate\n");
    }

    @Test
    void isThawedWhenTheTimeIsOver() throws Exception {
        assertThat(run("late")).endsWith("written\nlate\n");
    }
}
