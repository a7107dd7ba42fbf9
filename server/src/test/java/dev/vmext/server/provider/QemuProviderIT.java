package dev.vmext.server.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.fleet.provider.MachineProvider;
import dev.vmext.fleet.provider.MachineSpec;
import dev.vmext.fleet.provider.PowerState;
import dev.vmext.fleet.provider.Progress;
import dev.vmext.fleet.provider.ProviderProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract on real virtual machines with the tiny guest, and what only QEMU has: processes, sockets, files. */
final class QemuProviderIT extends MachineProviderContract {
    /** The probe waits some seconds where KVM hangs: one answer serves all tests. */
    @TempDir
    static Path shared;

    @TempDir
    Path temp;

    private Path home = Path.of("/");
    private QemuProvider provider = new QemuProvider(QemuSettings.defaults(home, ""));

    @BeforeEach
    void makeProvider() throws IOException {
        // Longer than a UNIX socket's path may be.
        home = Files.createDirectories(
                temp.resolve("a-data-folder-with-a-long-name".repeat(3)).resolve("and, a comma"));
        provider = newProvider(List.of());
        if (Files.exists(shared.resolve("kvm-probe"))) {
            Files.copy(shared.resolve("kvm-probe"), home.resolve("kvm-probe"));
        } else {
            provider.facts();
            if (Files.exists(home.resolve("kvm-probe"))) {
                Files.copy(home.resolve("kvm-probe"), shared.resolve("kvm-probe"));
            }
        }
    }

    private QemuProvider newProvider(List<Path> onlyThesePrograms) throws IOException {
        QemuSettings defaults = QemuSettings.defaults(home, "/usr/local/bin");
        return new QemuProvider(new QemuSettings(
                home,
                onlyThesePrograms.isEmpty() ? defaults.programFolders() : onlyThesePrograms,
                temp,
                64,
                Duration.ofMillis(300),
                defaults.emulatedCpu(),
                Optional.of(TinyGuest.image(temp))));
    }

    @AfterEach
    void leaveNothingRunning() {
        provider.machines().forEach(provider::delete);
    }

    @Override
    MachineProvider provider() {
        return provider;
    }

    private MachineFolder folder() {
        return new MachineFolder(ID, home.resolve("machines").resolve(ID));
    }

    @Test
    void aMachineIsFoundAgainByTheNextServer() throws IOException {
        create(ID);
        QemuProvider next = newProvider(List.of());

        assertThat(next.machines()).containsExactly(ID);
        assertThat(next.power(ID)).isEqualTo(PowerState.RUNNING);
        next.kill(ID);
        assertThat(provider.power(ID)).isEqualTo(PowerState.STOPPED);
    }

    @Test
    void aReusedPidIsNotTakenForTheMachine() throws IOException {
        create(ID);
        provider.kill(ID);
        Files.writeString(folder().pidFile(), ProcessHandle.current().pid() + "\n");

        assertThat(provider.power(ID)).isEqualTo(PowerState.STOPPED);
        provider.kill(ID);
        provider.start(ID);
        assertThat(provider.power(ID)).isEqualTo(PowerState.RUNNING);
    }

    @Test
    void theGuestReallyRunsAndItsConsoleIsKeptOverBoots() throws Exception {
        create(ID);
        ConsoleWatch.await(folder(), provider, TinyGuest.LINE, Duration.ofMinutes(1));
        provider.kill(ID);
        provider.start(ID);

        ConsoleWatch.await(folder(), provider, TinyGuest.LINE + TinyGuest.LINE, Duration.ofMinutes(1));
        assertThat(provider.console(ID, 4)).isEqualTo(" up\n");
    }

    @Test
    void aLongConsoleIsRotatedWhileTheGuestRuns() throws Exception {
        create(ID);
        ConsoleWatch.await(folder(), provider, TinyGuest.LINE, Duration.ofMinutes(1));
        Files.writeString(folder().serialLog(), "x".repeat(5 << 20), java.nio.file.StandardOpenOption.APPEND);

        assertThat(provider.power(ID)).isEqualTo(PowerState.RUNNING);

        assertThat(folder().path().resolve("serial.log.1")).exists();
        assertThat(Files.size(folder().serialLog())).isLessThan(5 << 20);
    }

    @Test
    void nothingOfADeletedMachineIsLeft() throws IOException {
        create(ID);
        QemuProcess process = QemuProcess.find(folder()).orElseThrow();
        provider.delete(ID);

        try (var left = Files.list(home.resolve("machines"))) {
            assertThat(left).isEmpty();
        }
        assertThat(process.lives()).isFalse();
    }

    @Test
    void theFolderWithTheSeedIsPrivate() throws IOException {
        create(ID);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder().path())))
                .isEqualTo("rwx------");
    }

    @Test
    void aTryThatDiedBeforeTheBootIsContinuedWithTheNewSeed() throws IOException {
        create(ID);
        provider.kill(ID);
        byte[] old = Files.readAllBytes(folder().path().resolve("seed.iso"));
        Files.delete(folder().serialLog()); // As if it had died between making the folder and the boot.
        MachineSpec again = new MachineSpec(
                ID,
                "contract",
                1,
                64,
                1,
                Optional.empty(),
                new dev.vmext.fleet.provider.SeedFiles("#cloud-config\n# other token\n", "instance-id: i-1\n"));
        provider.create(again, Progress.none());

        assertThat(Files.readAllBytes(folder().path().resolve("seed.iso"))).isNotEqualTo(old);
    }

    @Test
    void namesTheProgramsThatAreMissing() throws IOException {
        QemuProvider poor = newProvider(List.of(temp));

        assertProblem(ProviderProblem.Kind.MISSING_PACKAGES, () -> poor.preflight(spec(ID)));
        assertProblem(ProviderProblem.Kind.MISSING_PACKAGES, () -> poor.create(spec(ID), Progress.none()));
        assertThat(poor.machines()).isEmpty();
    }

    @Test
    void refusesAMachineThatDoesNotFitIntoMemory() {
        MachineSpec huge = new MachineSpec(ID, "contract", 1, 16 * 1024 * 1024, 1, Optional.empty(), spec(ID).seed());

        assertProblem(ProviderProblem.Kind.NOT_ENOUGH_MEMORY, () -> provider.create(huge, Progress.none()));
        assertThat(provider.power(ID)).isEqualTo(PowerState.ABSENT);
    }

    @Test
    void theProbeSeesAGuestRun() {
        KvmProbe probe =
                new KvmProbe(new HostPrograms(HostPrograms.foldersOf("")), temp.resolve("probe"), Path.of("/dev/kvm"));

        assertThat(probe.boot("tcg")).isTrue();
        assertThat(probe.boot("no-such-accelerator")).isFalse();
    }

    @Test
    void theProbesAnswerIsKept() throws IOException {
        String accelerator = provider.facts().accelerator();

        assertThat(accelerator).isIn("kvm", "tcg");
        assertThat(newProvider(List.of()).facts().accelerator()).isEqualTo(accelerator);
    }
}
