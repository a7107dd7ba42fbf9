package dev.vmext.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.extensionkit.machine.Programs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of the contract on a machine in a folder. */
final class BackupTest {
    @TempDir
    private Path folder;

    private Machine machine;
    private Path state;

    @BeforeEach
    void aMachine() throws Exception {
        machine = new Machine(folder, "nightly");
        state = machine.root.resolve("var/lib/vmext-backup/nightly");
    }

    private int run(String command) {
        return machine.run(new Backup(machine.programs, machine.root), command);
    }

    private int enable(String settings) throws Exception {
        machine.settings(settings);
        return run("enable");
    }

    private Path unit(String name) {
        return machine.root.resolve("etc/systemd/system/vmext-backup-nightly" + name);
    }

    @Test
    void theControlPlanesRepositoryIsReachedAsTheGatewayFileSays() throws Exception {
        assertThat(run("install")).isZero();
        assertThat(machine.packages).contains("restic");
        assertThat(enable("\"sources\": [\"/srv/\", \"/etc\"]"))
                .as(machine.standardError.toString(StandardCharsets.UTF_8))
                .isZero();
        assertThat(state.resolve("conf/sources")).hasContent("/srv\n/etc\n");
        assertThat(state.resolve("conf/repository.gateway")).hasContent(machine.base + "/config/gateway.json\n");
        assertThat(state.resolve("conf/repository.path")).hasContent("/v1/repositories/m-1/nightly/\n");
        assertThat(state.resolve("conf/repository.password")).hasContent("sesame\n");
        assertThat(Files.getPosixFilePermissions(state.resolve("conf/repository.password")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(unit(".timer")).content().contains("OnCalendar=*-*-* 02:30:00", "Unit=vmext-backup-nightly.service");
        assertThat(machine.programs.texts()).contains("systemctl enable --now vmext-backup-nightly.timer");
        assertThat(Files.readString(machine.base.resolve("config/monitoring.json")))
                .contains("/run/vmext-backup/nightly/metrics.sock", "backup-overdue");
        assertThat(machine.status()).contains("success").doesNotContain("sesame");
    }

    @Test
    void aRunThatIsAskedForIsHandedOverToItsUnitAndDoneOnce() throws Exception {
        machine.report = "@status transitioning 0\nBackup x1: beginning\n";
        String settings = "\"sources\": [\"/srv\"], \"now\": \"x1\"";
        String begin = "systemctl start --no-block vmext-backup-nightly.now.service";
        assertThat(enable(settings)).isZero();
        assertThat(machine.programs.texts().getLast()).isEqualTo(begin);
        assertThat(machine.status()).contains("transitioning");
        for (String ended : new String[] {"done", "failed"}) {
            Files.writeString(state.resolve("now"), "id x1\nstate " + ended + "\n");
            machine.programs.forgetCalls();
            machine.report = "@status success 0\nready\n";
            assertThat(enable(settings)).isZero();
            assertThat(machine.programs.texts()).doesNotContain(begin);
        }
        assertThat(enable("\"sources\": [\"/srv\"], \"now\": \"x2\"")).isZero();
        assertThat(machine.programs.texts()).contains(begin);
    }

    @Test
    void aPasswordThatDoesNotOpenItFailsAndAStorageThatIsAwayDoesNot() throws Exception {
        machine.prepared = new Programs.Result(1, "the repository does not open with this password\n");
        assertThat(enable("\"sources\": [\"/srv\"]")).isEqualTo(53);
        assertThat(machine.status()).contains("the repository does not open with this password");
        assertThat(state.resolve("conf")).doesNotExist();
        machine.prepared = new Programs.Result(3, "connection refused\n");
        assertThat(enable("\"sources\": [\"/srv\"]")).isZero();
        machine.prepared = new Programs.Result(1, "the repository does not open with this password\n");
        assertThat(enable("\"sources\": [\"/home\"]")).isEqualTo(53);
        assertThat(state.resolve("conf/sources"))
                .as("the old settings stay at work")
                .hasContent("/srv\n");
        assertThat(state.resolve("conf.try")).as("there are secrets in it").doesNotExist();
    }

    @Test
    void aCalendarThatSystemdRefusesChangesNothing() throws Exception {
        machine.programs.answer("systemd-analyze calendar", 1, "Failed to parse calendar specification");
        assertThat(enable("\"sources\": [\"/srv\"], \"schedule\": {\"calendar\": \"Febtember\"}"))
                .isEqualTo(53);
        assertThat(machine.status()).contains("cannot use settings.schedule.calendar", "Failed to parse");
        assertThat(state).doesNotExist();
    }

    @Test
    void settingsThatNeedNoTimerHaveNone() throws Exception {
        enable("\"sources\": [\"/srv\"]");
        assertThat(
                        enable(
                                "\"sources\": [\"/srv\"], \"schedule\": {\"when\": \"manual\"}, \"hooks\": {\"pre\": \"sync\"}"))
                .isZero();
        assertThat(unit(".timer")).doesNotExist();
        assertThat(state.resolve("conf/hooks/pre")).hasContent("sync");
        enable("\"sources\": [\"/srv\"], \"schedule\": {\"when\": \"every\", \"everyMinutes\": 30}");
        assertThat(unit(".timer"))
                .content()
                .contains("OnUnitActiveSec=30min")
                // It seems to count anew at every daemon-reload.
                .doesNotContain("OnActiveSec");
        assertThat(state.resolve("conf/hooks/pre")).doesNotExist();
    }

    @Test
    void uninstallLeavesNothingAndAnUpdateLosesNothing() throws Exception {
        run("install");
        enable("\"sources\": [\"/srv\"]");
        machine.variables.put("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", "1.0.0");
        machine.variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.1");
        run("update");
        machine.variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.0");
        assertThat(run("disable")).isZero();
        assertThat(run("uninstall")).isZero();
        assertThat(state.resolve("conf/values")).exists();
        machine.variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.1");
        run("install");
        enable("\"sources\": [\"/srv\"]");
        assertThat(run("disable")).isZero();
        assertThat(run("uninstall")).isZero();
        assertThat(run("uninstall")).as("may be repeated").isZero();
        assertThat(machine.packages).containsExactly("apt", "libc6");
        try (Stream<Path> left = Files.walk(machine.root)) {
            assertThat(left.filter(Files::isRegularFile).filter(f -> !f.startsWith(machine.root.resolve("run/lock"))))
                    .isEmpty();
        }
    }
}
