package dev.vmext.updates;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.extensionkit.HandlerRun;
import dev.vmext.extensionkit.machine.Programs;
import dev.vmext.extensionkit.machine.testing.FakePrograms;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of the contract on a machine in a folder, whose programs answer as Debian's do. */
final class UpdatesTest {
    @TempDir
    private Path folder;

    private final FakePrograms programs = new FakePrograms();
    private final Map<String, String> variables = new HashMap<>();
    private final ByteArrayOutputStream standardError = new ByteArrayOutputStream();
    private Places places;
    private Path base;
    private String report = "@status success 0\nup to date\n@part missing success\nnone\n";

    @BeforeEach
    void layOutMachineAndPackage() throws Exception {
        places = new Places(folder.resolve("machine"));
        Files.createDirectories(places.root().resolve("run/systemd/system"));
        program("apt-get");
        base = folder.resolve("handlers/updates/vmext.Updates-1.0.0");
        for (String name : List.of("config", "status", "programs")) {
            Files.createDirectories(base.resolve(name));
        }
        Files.writeString(base.resolve("programs/assess"), "one");
        Files.writeString(base.resolve("HandlerEnvironment.json"), """
                [{"name": "vmext.Updates", "version": 1.0, "handlerEnvironment": {"logFolder": "%s/log", "eventsFolder": "%s/events", \
                "configFolder": "%s/config", "statusFolder": "%s/status", "heartbeatFile": "%s/heartbeat.log"}}]""".formatted(folder, folder, base, base, base));
        variables.put("ConfigSequenceNumber", "0");
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.0");
        programs.answer("systemctl", "")
                .answer("systemd-analyze calendar", "")
                .answer("sh", call -> new Programs.Result(0, call.text().endsWith("/report") ? report : ""));
    }

    private void program(String name) throws Exception {
        Path file = Files.createDirectories(places.root().resolve("usr/bin")).resolve(name);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    }

    private int run(String command) {
        PrintStream err = new PrintStream(standardError, true, StandardCharsets.UTF_8);
        InstantSource clock = InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));
        return new HandlerRun(
                        new Updates(programs, places), new HandlerRun.Surroundings(variables, base, 42, clock, err))
                .run(List.of(command));
    }

    private int enable(String settings) throws Exception {
        Files.writeString(
                base.resolve("config/0.settings"),
                "{\"runtimeSettings\": [{\"handlerSettings\": {\"publicSettings\": {" + settings + "}}}]}");
        return run("enable");
    }

    private String status() throws Exception {
        return Files.readString(base.resolve("status/0.status"));
    }

    private List<String> units() throws Exception {
        try (Stream<Path> files = Files.list(places.units())) {
            return files.map(f -> String.valueOf(f.getFileName())).sorted().toList();
        }
    }

    @Test
    void enableSetsUpTimersLooksOnceAndTellsWhatItSaw() throws Exception {
        report =
                "@status success 0\n3 security and 0 other updates missing, 3 of them overdue\n@part assessment warning\nlooked\n";
        assertThat(run("install")).isZero();
        assertThat(enable(""))
                .as(standardError.toString(StandardCharsets.UTF_8))
                .isZero();
        assertThat(units())
                .containsExactly(
                        "vmext-updates-assess.service",
                        "vmext-updates-assess.timer",
                        "vmext-updates-install@.service",
                        "vmext-updates-metrics.socket",
                        "vmext-updates-metrics@.service",
                        "vmext-updates-window-daily.timer");
        assertThat(programs.texts())
                .contains(
                        "systemctl enable vmext-updates-metrics.socket vmext-updates-assess.timer vmext-updates-window-daily.timer",
                        "systemctl start vmext-updates-assess.service")
                .noneMatch(text -> text.contains("install@now"));
        assertThat(status()).contains("\"status\":\"success\"", "3 security and 0 other updates missing");
        assertThat(Files.readString(places.configuration().resolve("values")))
                .contains("manager apt\n", "install.security yes\n", "reboot never\n");
        assertThat(Files.readString(base.resolve("config/monitoring.json")))
                .contains("/run/vmext-updates/metrics.sock");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(places.configuration())))
                .isEqualTo("rwx------");
    }

    @Test
    void aWindowThatIsNotWantedAnyMoreIsTakenAway() throws Exception {
        enable("\"windows\": [{\"name\": \"a\", \"start\": \"01:00\"}, {\"name\": \"b\", \"start\": \"02:00\"}]");
        enable("\"windows\": [{\"name\": \"b\", \"start\": \"02:00\"}]");
        assertThat(units()).contains("vmext-updates-window-b.timer").doesNotContain("vmext-updates-window-a.timer");
        assertThat(places.configuration().resolve("windows/a")).doesNotExist();
        assertThat(programs.texts()).contains("systemctl stop vmext-updates-window-a.timer");
    }

    @Test
    void installNowBeginsOnceForEachId() throws Exception {
        report = "@status transitioning 0\nInstalling for x begins\n";
        assertThat(enable("\"installNow\": {\"id\": \"x\"}")).isZero();
        assertThat(programs.texts()).endsWith("systemctl start --no-block vmext-updates-install@now.service");
        assertThat(status()).contains("\"status\":\"transitioning\"");
        Files.writeString(places.state().resolve("now"), "id x\nstate done\n");
        report = "@status success 0\nup to date\n";
        programs.forgetCalls();
        assertThat(enable("\"installNow\": {\"id\": \"x\"}")).isZero();
        assertThat(programs.texts()).noneMatch(text -> text.contains("install@now"));
        assertThat(enable("\"installNow\": {\"id\": \"y\"}")).isZero();
        assertThat(programs.texts()).endsWith("systemctl start --no-block vmext-updates-install@now.service");
    }

    @Test
    void settingsWithAFaultLeaveTheOldStateAtWork() throws Exception {
        enable("");
        Map<String, String> before =
                Map.of("values", Files.readString(places.configuration().resolve("values")));
        programs.answer("systemd-analyze calendar", 1, "Failed to parse calendar specification");
        assertThat(enable("\"classifications\": [\"other\"], \"assessment\": {\"calendar\": \"nonsense\"}"))
                .isEqualTo(53);
        assertThat(status()).contains("settings.assessment.calendar", "systemd does not understand it");
        assertThat(Files.readString(places.configuration().resolve("values"))).isEqualTo(before.get("values"));
    }

    @Test
    void dnfIsRefusedUntilItCanBeTested() throws Exception {
        Files.delete(places.root().resolve("usr/bin/apt-get"));
        program("dnf");
        assertThat(run("install")).isEqualTo(51);
        assertThat(standardError.toString(StandardCharsets.UTF_8)).contains("dnf is refused until it can be tested");
        assertThat(enable("")).isEqualTo(51);
        assertThat(places.configuration()).doesNotExist();
    }

    @Test
    void disableStopsEverythingAndUninstallLeavesNothing() throws Exception {
        enable("");
        assertThat(run("disable")).isZero();
        assertThat(programs.texts())
                .anyMatch(text ->
                        text.startsWith("systemctl disable ") && text.contains("vmext-updates-window-daily.timer"));
        assertThat(base.resolve("config/monitoring.json")).doesNotExist();
        assertThat(places.state().resolve("status-file")).doesNotExist();
        assertThat(run("uninstall")).isZero();
        assertThat(units()).isEmpty();
        assertThat(places.configuration()).doesNotExist();
        assertThat(places.state()).doesNotExist();
        assertThat(run("uninstall")).isZero();
    }

    @Test
    void anUpdateKeepsSinceWhenUpdatesAreMissing() throws Exception {
        enable("");
        Files.writeString(places.state().resolve("missing"), "security\ta\t1\t2\t1\tinstall\n");
        variables.put("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", "1.0.0");
        assertThat(run("update")).isZero();
        assertThat(run("disable")).isZero();
        assertThat(run("uninstall")).isZero();
        assertThat(places.state().resolve("missing")).exists();
        assertThat(units()).isNotEmpty();
        enable("");
        assertThat(places.state().resolve("updating")).doesNotExist();
    }
}
