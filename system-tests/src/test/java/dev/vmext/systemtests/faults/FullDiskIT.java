package dev.vmext.systemtests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.testing.SamplePublisher;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.trust.HostileGateway;
import dev.vmext.systemtests.trust.Victim;
import dev.vmext.systemtests.trust.Wares;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real agent whose own disk an extension fills to the last byte: it tells that, stays, and goes on when there is room. */
@SuppressWarnings("try") // close waits for a process, which a test may interrupt
class FullDiskIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final SamplePublisher acme = new SamplePublisher("acme");

    @Test
    void anAgentWithoutAByteOfSpaceStaysConnectedAndGoesOnWhenThereIsRoom(@TempDir Path temp) throws Exception {
        Path root = temp.resolve("root");
        Path disk = Files.createDirectories(root.resolve("var/lib/vmext"));
        try (HostileGateway gateway = new HostileGateway();
                Victim victim = new Victim(root)
                        .enrolledWith(gateway, acme.trusted(TrustMode.FULL), 1)
                        .through(
                                "unshare",
                                "-m",
                                "sh",
                                "-c",
                                "mount -t tmpfs -o size=40m tmpfs " + disk + " && exec \"$@\"",
                                "sh")
                        .start()
                        .awaitConnected(gateway)) {
            Wares wares = new Wares(temp.resolve("wares"), gateway);
            Path seen = Path.of("/proc/" + victim.pid() + "/root" + disk);
            Path filler = seen.resolve("filler");
            String fill = "[ \"$1\" = enable ] && { cat /dev/zero > " + disk.resolve("filler") + "; exit 1; }";
            wares.want(
                    "greedy",
                    wares.honest(Wares.handler("acme.Greedy", "1.0.0", fill), "acme.Greedy", "1.0.0", acme),
                    "{}");
            wares.push();
            InstallationStatus greedy = until(gateway, victim, "greedy", InstallationState.FAILED);
            assertThat(Objects.requireNonNull(greedy.cause()).kind())
                    .as(greedy.toString())
                    .isEqualTo(CauseClass.DISK);
            fill(filler);
            wares.want(
                    "other", wares.honest(Wares.handler("acme.Other", "1.0.0", ""), "acme.Other", "1.0.0", acme), "{}");
            wares.push();
            InstallationStatus other = until(gateway, victim, "other", InstallationState.FAILED);
            assertThat(Objects.requireNonNull(other.cause()).kind())
                    .as(other.toString())
                    .isEqualTo(CauseClass.DISK);
            assertThat(gateway.connected()).isTrue();
            Files.delete(filler);
            wares.want(
                    "third", wares.honest(Wares.handler("acme.Third", "1.0.0", ""), "acme.Third", "1.0.0", acme), "{}");
            wares.push();
            until(gateway, victim, "third", InstallationState.READY);
            assertThat(victim.log()).doesNotContain("cannot go on");
        }
    }

    private static InstallationStatus until(
            HostileGateway gateway, Victim victim, String installation, InstallationState state) throws Exception {
        return Objects.requireNonNull(Eventually.until(
                installation + " is " + state.wire() + ", see " + victim.console(),
                SOON,
                () -> gateway.last(installation),
                status -> status != null && status.state() == state));
    }

    private static void fill(Path file) throws IOException {
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (int size = 1 << 16; size > 0; size /= 2) {
                try {
                    while (true) {
                        out.write(ByteBuffer.allocate(size));
                    }
                } catch (IOException full) {
                    // smaller pieces may still find room
                }
            }
        }
    }
}
