package dev.vmext.nodemetrics;

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
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The handler on a machine in a folder: packages are names in a set, units are files, and the exporter answers as a test says. */
final class NodeMetricsTest {
    private static final String DEBIAN = "prometheus-node-exporter";

    @TempDir
    private Path folder;

    private final FakePrograms programs = new FakePrograms();
    private final Set<String> packages = new TreeSet<>(Set.of("adduser", "libc6"));
    private final Set<String> active = new TreeSet<>();
    private final Set<String> enabled = new TreeSet<>();
    private final Set<String> masked = new TreeSet<>();
    private final Map<String, String> variables = new HashMap<>();
    private final ByteArrayOutputStream standardError = new ByteArrayOutputStream();
    private Places places = new Places(Path.of("/nowhere"));
    private Path base = Path.of("/nowhere");
    private String refused = "(nothing is refused)";

    @BeforeEach
    void aDebianMachineWithoutTheExporter() throws Exception {
        places = new Places(folder.resolve("machine"));
        base = folder.resolve("handlers/metrics/vmext.Metrics-1.0.0");
        Files.createDirectories(base.resolve("config"));
        Files.createDirectories(base.resolve("status"));
        Files.createDirectories(places.root().resolve("etc"));
        Files.createDirectories(places.root().resolve("usr/bin"));
        Files.writeString(places.root().resolve("etc/passwd"), "root:x:0:0::/root:/bin/sh\n");
        Files.writeString(base.resolve("HandlerEnvironment.json"), """
                [{"name": "vmext.Metrics", "version": 1.0, "handlerEnvironment": {"logFolder": "%s/log", \
                "configFolder": "%s/config", "statusFolder": "%s/status", "heartbeatFile": "%s/heartbeat.log"}}]""".formatted(folder, base, base, base));
        variables.put("ConfigSequenceNumber", "0");
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.0");
        settings("{}");
        programs.answer("systemctl", this::systemctl)
                .answer("journalctl", "error parsing flag\n")
                .answer("dpkg-query", _ -> new Programs.Result(0, String.join(" ii \n", packages) + " ii \n"))
                .answer("apt-get", this::apt)
                .answer("userdel", call -> changePasswd("", call.words().getLast()));
    }

    private Programs.Result systemctl(FakePrograms.Call call) {
        List<String> words =
                call.words().stream().filter(w -> !w.startsWith("--")).toList();
        String unit = words.getLast();
        boolean now = call.words().contains("--now");
        switch (words.get(1)) {
            case "is-system-running" -> {
                return new Programs.Result(0, "running\n");
            }
            case "is-active" -> {
                return active.contains(unit)
                        ? new Programs.Result(0, "active\n")
                        : new Programs.Result(3, "inactive\n");
            }
            case "is-enabled" -> {
                return new Programs.Result(enabled.contains(unit) ? 0 : 1, "");
            }
            case "mask" -> masked.add(unit);
            case "unmask" -> masked.remove(unit);
            case "enable" -> {
                enabled.add(unit);
                if (now) {
                    active.add(unit);
                }
            }
            case "disable" -> {
                enabled.remove(unit);
                if (now) {
                    active.remove(unit);
                }
            }
            case "restart" -> active.add(unit);
            case "daemon-reload", "reset-failed" -> {}
            default -> throw new AssertionError("unexpected: " + call.text());
        }
        return new Programs.Result(0, "");
    }

    /** What Debian's package does: a user, a program, and a service that starts unless it is masked. */
    private Programs.Result apt(FakePrograms.Call call) {
        try {
            if (call.words().contains("install")) {
                packages.add(DEBIAN);
                Files.writeString(places.exporter(), "");
                changePasswd("prometheus:x:107:111::/var/lib/prometheus:/bin/false\n", "prometheus");
                enabled.add(Places.DEBIAN_SERVICE);
                if (!masked.contains(Places.DEBIAN_SERVICE)) {
                    active.add(Places.DEBIAN_SERVICE);
                }
                return new Programs.Result(0, "");
            }
            if (!call.words().contains("-s")) {
                packages.remove(DEBIAN);
                Files.deleteIfExists(places.exporter());
            }
            return new Programs.Result(0, "Purg " + DEBIAN + " [1.5.0]\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Programs.Result changePasswd(String more, String gone) {
        Path passwd = places.root().resolve("etc/passwd");
        try (Stream<String> lines = Files.lines(passwd)) {
            String left = lines.filter(line -> !line.startsWith(gone + ":")).reduce("", (a, b) -> a + b + "\n");
            Files.writeString(passwd, left + more);
            return new Programs.Result(0, "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The exporter as the unit file starts it: it does not come up with an argument that the test says it refuses. */
    private Reader.Reading answer(Path socket, BooleanSupplier atWork) throws IOException {
        String unit = Files.readString(places.units().resolve(Places.SERVICE));
        assertThat(active).contains(Places.SOCKET, Places.SERVICE);
        assertThat(atWork.getAsBoolean()).isTrue();
        if (unit.contains(refused)) {
            throw new IOException("Connection refused");
        }
        return new Reader.Reading(unit.contains("--collector.cpu") ? 300 : 200, List.of("pressure"));
    }

    private void settings(String json) throws Exception {
        Files.writeString(
                base.resolve("config/0.settings"),
                "{\"runtimeSettings\": [{\"handlerSettings\": {\"publicSettings\": " + json + "}}]}");
    }

    private int run(String command) {
        PrintStream err = new PrintStream(standardError, true, StandardCharsets.UTF_8);
        InstantSource clock = InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));
        return new HandlerRun(
                        new NodeMetrics(programs, places, this::answer),
                        new HandlerRun.Surroundings(variables, base, 42, clock, err))
                .run(List.of(command));
    }

    private String status() throws Exception {
        return Files.readString(base.resolve("status/0.status"));
    }

    private String monitoring() throws Exception {
        return Files.readString(base.resolve("config/monitoring.json"));
    }

    @Test
    void bringsTheExporterAndTellsTheAgentWhereToRead() throws Exception {
        settings("{\"applications\": [{\"name\": \"shop\", \"url\": \"http://127.0.0.1:8080/metrics\"}]}");
        assertThat(run("install")).isZero();
        assertThat(run("enable"))
                .as(standardError.toString(StandardCharsets.UTF_8))
                .isZero();
        assertThat(active).containsExactlyInAnyOrder(Places.SERVICE, Places.SOCKET);
        assertThat(enabled).containsExactlyInAnyOrder(Places.SERVICE, Places.SOCKET);
        assertThat(monitoring())
                .contains("\"name\":\"node\",\"socket\":\"/run/vmext-metrics/node.sock\"")
                .contains("\"name\":\"shop\",\"url\":\"http://127.0.0.1:8080/metrics\"")
                .contains("\"unit\":{\"name\":\"vmext-metrics.service\"}", "\"health\":true");
        assertThat(status())
                .contains("The machine offers 300 series; 1 application is read")
                .contains("nothing to measure for pressure")
                .contains("shop: http://127.0.0.1:8080/metrics every 60 s, at most 1000 series")
                .doesNotContain("other exporter");
    }

    @Test
    void thePortThatDebiansServiceOpensStaysClosedEvenForAMoment() throws Exception {
        programs.answer("apt-get", call -> {
            assertThat(masked).contains(Places.DEBIAN_SERVICE);
            return apt(call);
        });
        run("install");
        assertThat(masked).isEmpty();
        assertThat(active).doesNotContain(Places.DEBIAN_SERVICE);
        assertThat(enabled).doesNotContain(Places.DEBIAN_SERVICE);
    }

    @Test
    void anInstallationThatWasCutOffIsFinishedByTheNext() throws Exception {
        programs.answer("apt-get", call -> {
            apt(call);
            active.add(Places.DEBIAN_SERVICE);
            throw new IllegalStateException("power cut");
        });
        assertThat(run("install")).isNotZero();
        programs.answer("apt-get", this::apt);
        assertThat(run("install")).isZero();
        assertThat(active).isEmpty();
        assertThat(masked).isEmpty();
        run("uninstall");
        assertThat(packages).as("it still knew what was there before").doesNotContain(DEBIAN);
    }

    @Test
    void anExporterOfSomebodyElseGoesOnAndStays() throws Exception {
        apt(new FakePrograms.Call(List.of("apt-get", "install"), ""));
        assertThat(active).contains(Places.DEBIAN_SERVICE);
        run("install");
        run("enable");
        assertThat(active).contains(Places.DEBIAN_SERVICE, Places.SERVICE);
        assertThat(status()).contains("other exporter", "It stays as it is");
        run("disable");
        run("uninstall");
        assertThat(active).containsExactly(Places.DEBIAN_SERVICE);
        assertThat(enabled).containsExactly(Places.DEBIAN_SERVICE);
        assertThat(packages).contains(DEBIAN);
        assertThat(places.hasUser("prometheus")).isTrue();
        assertThat(programs.texts()).noneMatch(text -> text.contains(" mask "));
    }

    @Test
    void aServiceOfDebianThatSomebodyEnabledSinceKeepsItsPackage() throws Exception {
        run("install");
        run("enable");
        enabled.add(Places.DEBIAN_SERVICE);
        assertThat(run("uninstall")).isZero();
        assertThat(packages).contains(DEBIAN);
    }

    @Test
    void settingsThatTheExporterDoesNotTakeLeaveItAsItWas() throws Exception {
        run("install");
        run("enable");
        String before = monitoring();
        String unit = Files.readString(places.units().resolve(Places.SERVICE));
        refused = "(?=x)";
        settings("{\"ignore\": {\"disks\": \"(?=x)\"}, \"machine\": {\"intervalSec\": 10}}");
        assertThat(run("enable")).isEqualTo(6);
        assertThat(status())
                .contains("the exporter does not answer: Connection refused; its last words: error parsing flag")
                .contains("The exporter runs as before");
        assertThat(monitoring()).isEqualTo(before);
        assertThat(places.units().resolve(Places.SERVICE)).hasContent(unit);
        assertThat(active).contains(Places.SERVICE);
    }

    @Test
    void aFirstExporterThatDoesNotAnswerLeavesNothing() throws Exception {
        run("install");
        refused = "--web";
        assertThat(run("enable")).isEqualTo(6);
        assertThat(status()).contains("Nothing is measured");
        assertThat(active).isEmpty();
        assertThat(base.resolve("config/monitoring.json")).doesNotExist();
    }

    @Test
    void wrongSettingsTouchNothing() throws Exception {
        run("install");
        run("enable");
        String before = monitoring();
        programs.forgetCalls();
        settings("{\"machine\": {\"intervalSec\": 1}}");
        assertThat(run("enable")).isEqualTo(53);
        assertThat(programs.calls()).isEmpty();
        assertThat(monitoring()).isEqualTo(before);
    }

    @Test
    void theSameSettingsDoNotRestartTheExporter() throws Exception {
        run("install");
        run("enable");
        programs.forgetCalls();
        assertThat(run("enable")).isZero();
        assertThat(programs.texts()).noneMatch(text -> text.contains("restart"));
    }

    @Test
    void withoutThePartsOfTheMachineThereIsNoExporter() throws Exception {
        run("install");
        run("enable");
        settings("""
                {"collect": {"cpu": false, "memory": false, "disks": false, "fileSystems": false, "network": false, "pressure": false,
                 "services": false, "system": false}, "applications": [{"name": "a", "url": "http://127.0.0.1/"}]}""");
        assertThat(run("enable")).isZero();
        assertThat(active).isEmpty();
        assertThat(monitoring()).doesNotContain("\"node\"", "exporter").contains("\"name\":\"a\"");
    }

    @Test
    void removalLeavesNothing() throws Exception {
        run("install");
        run("enable");
        assertThat(run("disable")).isZero();
        assertThat(base.resolve("config/monitoring.json")).doesNotExist();
        assertThat(active).isEmpty();
        assertThat(run("uninstall")).isZero();
        assertThat(run("uninstall")).as("may be repeated").isZero();
        assertThat(packages).containsExactly("adduser", "libc6");
        assertThat(places.hasUser("prometheus")).isFalse();
        try (Stream<Path> left = Files.walk(places.root())) {
            assertThat(left.filter(Files::isRegularFile)
                            // Locks of all extensions, in memory.
                            .filter(file -> !file.startsWith(places.root().resolve("run/lock"))))
                    .containsExactly(places.root().resolve("etc/passwd"));
        }
    }

    @Test
    void anUpdateKeepsThePackageForTheNewVersion() throws Exception {
        run("install");
        run("enable");
        variables.put("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", "1.0.0");
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.1.0");
        run("update");
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.0");
        run("uninstall");
        assertThat(packages).contains(DEBIAN);
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.1.0");
        run("install");
        run("enable");
        run("uninstall");
        assertThat(packages).as("what was added once is still known").doesNotContain(DEBIAN);
    }

    @Test
    void aMachineWithoutSystemdIsRefused() throws Exception {
        programs.withoutProgram("systemctl");
        assertThat(run("install")).isEqualTo(51);
        assertThat(standardError.toString(StandardCharsets.UTF_8)).contains("does not run systemd");
        assertThat(programs.texts()).noneMatch(text -> text.startsWith("apt-get"));
    }

    @Test
    void ofWhatTheExporterSaidTheReasonIsToldAndNotWhereItWas() {
        assertThat(NodeMetrics.telling("""
                        level=error msg="of the time before"
                        Started vmext-metrics.service - Metrics of this machine for vmext.
                        panic: regexp: Compile(`(?=x)`): error parsing regexp: invalid or unsupported Perl syntax: `(?=`
                        goroutine 1 [running]:
                        node_exporter.go:188 +0x1214
                        vmext-metrics.service: Failed with result 'exit-code'."""))
                .isEqualTo(
                        "panic: regexp: Compile(`(?=x)`): error parsing regexp: invalid or unsupported Perl syntax: `(?=`");
        assertThat(NodeMetrics.telling("a\nb\nc\nd")).isEqualTo("b\nc\nd");
        assertThat(NodeMetrics.telling("only this")).isEqualTo("only this");
    }
}
