package dev.vmext.antivirus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.extensionkit.HandlerRun;
import dev.vmext.extensionkit.machine.Programs;
import dev.vmext.extensionkit.machine.testing.FakePrograms;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of the contract on a machine in a folder, whose programs answer as Debian's do. */
final class AntivirusTest {
    private static final String PACKAGE_SOURCE = "\"signatures\": {\"source\": \"package\"}";

    @TempDir
    private Path folder;

    private final FakePrograms programs = new FakePrograms();
    private final Set<String> packages = new TreeSet<>(Set.of("apt", "libc6"));
    private final Map<String, String> variables = new HashMap<>();
    private final ByteArrayOutputStream standardError = new ByteArrayOutputStream();
    private Places places;
    private Path base;
    private String report = "@status success 0\nready\n@part quarantine success\nempty\n";

    @BeforeEach
    void layOutMachineAndPackage() throws Exception {
        places = new Places(folder.resolve("machine"));
        Files.createDirectories(places.root().resolve("run/systemd/system"));
        Files.createDirectories(places.root().resolve("proc"));
        Files.writeString(places.root().resolve("proc/meminfo"), "MemTotal:        1000000 kB\n");
        base = folder.resolve("handlers/antivirus/vmext.Antivirus-1.0.0");
        for (String name : List.of("config", "status", "programs", "signatures")) {
            Files.createDirectories(base.resolve(name));
        }
        Files.writeString(base.resolve("programs/scan"), "one");
        Files.writeString(base.resolve("signatures/vmext-test.hdb"), "test\n");
        Files.writeString(base.resolve("HandlerEnvironment.json"), """
                [{"name": "vmext.Antivirus", "version": 1.0, "handlerEnvironment": {"logFolder": "%s/log", "eventsFolder": "%s/events", \
                "configFolder": "%s/config", "statusFolder": "%s/status", "heartbeatFile": "%s/heartbeat.log"}}]""".formatted(folder, folder, base, base, base));
        variables.put("ConfigSequenceNumber", "0");
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.0");
        programs.answer("systemctl", "")
                .answer("systemd-analyze calendar", "")
                .answer("chown clamav:clamav", "")
                .answer("dpkg-query", _ -> new Programs.Result(0, String.join(" ii \n", packages) + " ii \n"))
                .answer("apt-get", this::apt)
                .answer("sh", call -> new Programs.Result(0, call.text().endsWith("/report") ? report : ""));
    }

    private Programs.Result apt(FakePrograms.Call call) {
        Set<String> named = new TreeSet<>(call.words());
        if (named.contains("install")) {
            named.removeIf(w -> !w.startsWith("clam"));
            packages.addAll(named);
            packages.add("libclamav12");
            program("clamscan");
            program("freshclam");
            return new Programs.Result(0, "");
        }
        named.retainAll(packages);
        if (!call.words().contains("-s")) {
            packages.removeAll(named);
        }
        return new Programs.Result(
                0, named.stream().map(p -> "Purg " + p + " [1.0]\n").reduce("", String::concat));
    }

    private void program(String name) {
        try {
            Path file = places.root().resolve("usr/bin").resolve(name);
            Files.createDirectories(places.root().resolve("usr/bin"));
            if (!Files.exists(file)) {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int run(String command) {
        PrintStream err = new PrintStream(standardError, true, StandardCharsets.UTF_8);
        InstantSource clock = InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));
        return new HandlerRun(
                        new Antivirus(programs, places), new HandlerRun.Surroundings(variables, base, 42, clock, err))
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

    private Map<String, String> machine() throws Exception {
        Map<String, String> files = new HashMap<>();
        for (Path root : List.of(places.configuration(), places.units())) {
            try (Stream<Path> all = Files.walk(root)) {
                for (Path file : all.filter(Files::isRegularFile).toList()) {
                    files.put(places.root().relativize(file).toString(), Files.readString(file));
                }
            }
        }
        return files;
    }

    @Test
    void installBringsClamavWithDebiansServiceMaskedBeforehand() {
        assertThat(run("install")).isZero();
        assertThat(packages).contains("clamav", "clamav-freshclam");
        List<String> calls = programs.texts();
        int mask = calls.indexOf("systemctl mask clamav-freshclam.service");
        assertThat(mask).isNotNegative();
        assertThat(calls.subList(0, mask)).noneMatch(c -> c.contains("install"));
    }

    @Test
    void aFreshclamThatWasThereIsLeftAsItIs() {
        packages.addAll(Set.of("clamav", "clamav-freshclam"));
        program("clamscan");
        program("freshclam");
        assertThat(run("install")).isZero();
        assertThat(run("uninstall")).isZero();
        assertThat(programs.texts()).noneMatch(c -> c.contains("mask") || c.startsWith("apt-get"));
        assertThat(packages).contains("clamav", "clamav-freshclam");
    }

    @Test
    void enableWritesConfigurationAndUnitsAndStartsThem() throws Exception {
        run("install");
        assertThat(enable(PACKAGE_SOURCE)).isZero();
        assertThat(places.programs().resolve("scan")).hasContent("one");
        assertThat(places.ownSignatures().resolve("vmext-test.hdb")).hasContent("test");
        assertThat(machine())
                .containsKeys(
                        "etc/vmext-antivirus/values",
                        "etc/vmext-antivirus/scans/daily/paths",
                        "etc/systemd/system/vmext-antivirus-scan-daily.timer",
                        "etc/systemd/system/vmext-antivirus-scan@.service");
        assertThat(programs.texts())
                .contains("systemctl start vmext-antivirus-update.service")
                .anyMatch(c -> c.startsWith("systemctl enable ") && c.contains("vmext-antivirus-scan-daily.timer"));
        assertThat(status()).contains("\"status\":\"success\"", "ready", "quarantine");
        assertThat(Files.readString(base.resolve("config/monitoring.json")))
                .contains("/run/vmext-antivirus/metrics.sock");
        assertThat(places.state().resolve("status-file")).hasContent(base.resolve("status/0.status") + "\n");
    }

    @Test
    void theSameSettingsAgainFetchNothing() throws Exception {
        run("install");
        enable(PACKAGE_SOURCE);
        Files.createDirectories(places.state().resolve("update"));
        Files.writeString(places.state().resolve("update/result"), "outcome done\n");
        programs.forgetCalls();
        assertThat(enable(PACKAGE_SOURCE)).isZero();
        assertThat(programs.texts())
                .contains("systemctl start vmext-antivirus-signatures.service")
                .doesNotContain("systemctl start vmext-antivirus-update.service", "systemctl daemon-reload");
    }

    @Test
    void aCalendarThatSystemdRefusesChangesNothing() throws Exception {
        run("install");
        enable(PACKAGE_SOURCE);
        Map<String, String> before = machine();
        programs.answer(
                "systemd-analyze calendar",
                call -> call.text().contains("Febtember")
                        ? new Programs.Result(1, "Failed to parse calendar specification\n")
                        : new Programs.Result(0, ""));
        assertThat(
                        enable(
                                "\"scans\": [{\"name\": \"a\", \"calendar\": \"daily\"}, {\"name\": \"b\", \"calendar\": \"Febtember\"}]"))
                .isEqualTo(53);
        assertThat(machine()).isEqualTo(before);
        assertThat(status()).contains("cannot use settings.scans[1].calendar", "Failed to parse");
    }

    @Test
    void aDaemonThatDoesNotFitChangesNothing() throws Exception {
        run("install");
        enable(PACKAGE_SOURCE);
        Map<String, String> before = machine();
        assertThat(enable("\"mode\": \"daemon\"")).isEqualTo(53);
        assertThat(machine()).isEqualTo(before);
        assertThat(packages).doesNotContain("clamav-daemon");
        assertThat(status()).contains("daemon needs 1300 MiB", "the machine has 976 MiB");
    }

    @Test
    void aDaemonThatFitsBringsItsPackages() throws Exception {
        run("install");
        assertThat(enable(PACKAGE_SOURCE + ", \"mode\": \"daemon\"")).isZero();
        assertThat(packages).contains("clamav-daemon", "clamdscan");
        assertThat(programs.texts()).contains("systemctl mask clamav-daemon.service clamav-daemon.socket");
        assertThat(enable(PACKAGE_SOURCE)).isZero();
        assertThat(machine()).doesNotContainKey("etc/systemd/system/vmext-antivirus-clamd.service");
        run("uninstall");
        assertThat(packages).containsExactly("apt", "libc6");
        assertThat(programs.texts())
                .contains("systemctl unmask clamav-freshclam.service clamav-daemon.service clamav-daemon.socket");
    }

    @Test
    void aScanNowIsHandedOverToItsUnitAndDoneOnce() throws Exception {
        run("install");
        report = "@status transitioning 0\nScan x1: not done yet\n";
        String settings = PACKAGE_SOURCE + ", \"scanNow\": {\"id\": \"x1\", \"paths\": [\"/home\"]}";
        assertThat(enable(settings)).isZero();
        String begin = "systemctl start --no-block vmext-antivirus-scan@on-demand.service";
        assertThat(programs.texts().getLast()).isEqualTo(begin);
        assertThat(status()).contains("transitioning", "Scan x1");

        Files.writeString(places.state().resolve("on-demand"), "id x1\nstate done\n");
        report = "@status success 0\nready\n";
        programs.forgetCalls();
        assertThat(enable(settings)).isZero();
        assertThat(programs.texts()).doesNotContain(begin);

        Files.writeString(places.state().resolve("on-demand"), "id x1\nstate running\n");
        assertThat(enable(settings)).isZero();
        assertThat(programs.texts()).as("one that was cut off is done again").contains(begin);
    }

    @Test
    void ordersForTheQuarantineAreCarriedOutOnce() throws Exception {
        run("install");
        String good = "20260101-000000-0123abcd";
        String gone = "20260101-000000-ffffffff";
        programs.answer("sh", call -> {
            if (call.text().endsWith("/report")) {
                return new Programs.Result(0, report);
            }
            return call.text().endsWith("restore " + good)
                    ? new Programs.Result(0, "put back to /home/a\n")
                    : new Programs.Result(1, "there is no such item\n");
        });
        String settings = PACKAGE_SOURCE + ", \"quarantine\": {\"restore\": [\"" + good + "\", \"" + gone + "\"]}";
        assertThat(enable(settings)).isZero();
        assertThat(places.state().resolve("actions"))
                .hasContent("restore " + good + ": put back to /home/a\nrestore " + gone
                        + ": cannot do that: there is no such item\n");
        programs.forgetCalls();
        enable(settings);
        assertThat(programs.texts())
                .noneMatch(c -> c.endsWith("restore " + good))
                .anyMatch(c -> c.endsWith("restore " + gone));
    }

    @Test
    void disableStopsEverythingAndKeepsTheFiles() throws Exception {
        run("install");
        enable(PACKAGE_SOURCE);
        assertThat(run("disable")).isZero();
        assertThat(programs.texts())
                .anyMatch(c -> c.startsWith("systemctl stop ") && c.contains("vmext-antivirus-scan@*.service"));
        assertThat(machine()).containsKey("etc/systemd/system/vmext-antivirus-scan-daily.timer");
        assertThat(places.state().resolve("status-file")).doesNotExist();
    }

    @Test
    void uninstallLeavesNothingButAQuarantineWithSomethingInIt() throws Exception {
        run("install");
        enable(PACKAGE_SOURCE);
        Path item = Files.createDirectories(places.quarantine().resolve("20260101-000000-0123abcd"));
        Files.writeString(item.resolve("content"), "x");
        run("disable");
        assertThat(run("uninstall")).isZero();
        assertThat(run("uninstall")).as("may be repeated").isZero();
        try (Stream<Path> left = Files.walk(places.root())) {
            assertThat(left.filter(Files::isRegularFile)
                            // Locks of all extensions, in memory.
                            .filter(file -> !file.startsWith(places.root().resolve("run/lock")))
                            .map(f -> places.root().relativize(f).toString())
                            .filter(f -> !f.startsWith("usr/") && !f.startsWith("proc/")))
                    .containsExactlyInAnyOrder(
                            "var/lib/vmext-antivirus/quarantine/README",
                            "var/lib/vmext-antivirus/quarantine/20260101-000000-0123abcd/content");
        }
        assertThat(packages).containsExactly("apt", "libc6");
        assertThat(programs.texts()).contains("systemctl unmask clamav-freshclam.service");
    }

    @Test
    void anEmptyQuarantineGoesToo() throws Exception {
        run("install");
        enable(PACKAGE_SOURCE);
        run("uninstall");
        assertThat(places.state()).doesNotExist();
        assertThat(places.configuration()).doesNotExist();
    }

    @Test
    void anUpdateKeepsEverythingForTheNewVersion() throws Exception {
        run("install");
        enable(PACKAGE_SOURCE);
        variables.put("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", "1.0.0");
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.1");
        run("update");
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.0");
        run("uninstall");
        assertThat(packages).contains("clamav");
        assertThat(places.quarantine()).exists();

        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.1");
        run("install");
        enable(PACKAGE_SOURCE);
        run("uninstall");
        assertThat(packages).as("what was added once is still known").containsExactly("apt", "libc6");
    }

    @Test
    void aMissingClamscanIsExplained() throws Exception {
        assertThat(enable(PACKAGE_SOURCE)).isEqualTo(52);
        assertThat(standardError.toString(StandardCharsets.UTF_8)).contains("no program clamscan");
    }
}
