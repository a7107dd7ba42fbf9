package dev.vmext.agent.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal on a file system of four mebibytes, in a mount name space of its own. */
class FullDiskIT {
    @TempDir
    Path disk;

    @Test
    void aFullDiskUsesUpTheReserveThenWaitsAndLosesNothing() throws Exception {
        Process process = new ProcessBuilder(
                        "unshare",
                        "-m",
                        "sh",
                        "-c",
                        "disk=$1; shift; mount -t tmpfs -o size=4m tmpfs \"$disk\" && exec \"$@\"",
                        "sh",
                        disk.toString(),
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        OnFullDisk.class.getName(),
                        disk.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said.lines())
                .containsExactly(
                        "pauses while there is a reserve: 0",
                        "pauses without one: 3",
                        "opened on a full disk: before 1, kept 19, waited 1",
                        "left as it was: true",
                        "pauses after that: 3",
                        "in the end: after 19, before 1, kept 19, waited 1");
    }
}
