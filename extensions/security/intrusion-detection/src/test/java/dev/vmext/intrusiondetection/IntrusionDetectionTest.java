package dev.vmext.intrusiondetection;

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

/** The commands on a machine in a folder whose programs say what a test wants. What AIDE and fail2ban really do is tried elsewhere. */
final class IntrusionDetectionTest {
    @TempDir
    private Path folder;

    private Path root;
    private Path base;
    private final FakePrograms programs = new FakePrograms();
    private final Set<String> installed = new TreeSet<>(Set.of("apt", "libc6"));
    private final Map<String, String> variables = new HashMap<>();
    private final ByteArrayOutputStream standardError = new ByteArrayOutputStream();

    @BeforeEach
    void layOutTheContractsFoldersAndAMachine() throws Exception {
        root = folder.resolve("machine");
        base = folder.resolve("handlers/ids/vmext.IntrusionDetection-1.0.0");
        Files.createDirectories(base.resolve("config"));
        Files.createDirectories(base.resolve("status"));
        Files.createDirectories(base.resolve("programs"));
        Files.writeString(base.resolve("programs/report"), "a program");
        Files.writeString(base.resolve("HandlerEnvironment.json"), """
                [{"name": "vmext.IntrusionDetection", "version": 1.0, "handlerEnvironment": {"logFolder": "%s/log", \
                "configFolder": "%s/config", "statusFolder": "%s/status", "heartbeatFile": "%s/heartbeat.log", \
                "eventsFolder": "%s/events"}}]""".formatted(folder, base, base, base, folder));
        Files.createDirectories(root.resolve("run/systemd/system"));
        Files.createDirectories(root.resolve("etc/fail2ban/filter.d"));
        Files.createDirectories(root.resolve("etc/fail2ban/action.d"));
        Files.writeString(root.resolve("etc/fail2ban/filter.d/sshd.conf"), "operator's");
        Files.createDirectories(root.resolve("etc/vmext"));
        Files.writeString(root.resolve("etc/vmext/agent.json"), "{\"gateways\":[\"10.0.2.2:4320\"]}");
        variables.put("ConfigSequenceNumber", "0");
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.0");
        settings("{}");
        programs.answer("dpkg-query", _ -> new Programs.Result(0, String.join(" ii \n", installed) + " ii \n"))
                .answer("apt-get", this::apt)
                .answer("systemctl", "")
                .answer("systemd-analyze calendar", "")
                .answer("aide", "")
                .answer("fail2ban-client", "OK")
                .answer("sh", "@status success 0\nall is well\n@part baseline transitioning\nbuilding\n");
    }

    private Programs.Result apt(FakePrograms.Call call) {
        boolean install = call.words().contains("install");
        Set<String> named = new TreeSet<>(call.words());
        named.retainAll(Set.of("aide", "fail2ban", "python3-systemd", "nftables"));
        if (install) {
            installed.addAll(named);
            if (named.contains("aide")) {
                program("aide");
                program("fail2ban-server");
            }
            return new Programs.Result(0, "");
        }
        named.retainAll(installed);
        if (!call.words().contains("-s")) {
            installed.removeAll(named);
        }
        return new Programs.Result(
                0, named.stream().map(p -> "Purg " + p + " [1]\n").reduce("", String::concat));
    }

    private void program(String name) {
        try {
            Files.createDirectories(root.resolve("usr/bin"));
            Path file = root.resolve("usr/bin").resolve(name);
            Files.deleteIfExists(file);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void settings(String json) throws IOException {
        Files.writeString(
                base.resolve("config/0.settings"),
                "{\"runtimeSettings\": [{\"handlerSettings\": {\"publicSettings\": " + json + "}}]}");
    }

    private int run(String command) {
        PrintStream err = new PrintStream(standardError, true, StandardCharsets.UTF_8);
        return new HandlerRun(
                        new IntrusionDetection(programs, new Places(root)),
                        new HandlerRun.Surroundings(
                                variables, base, 42, InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z")), err))
                .run(List.of(command));
    }

    private String status() throws IOException {
        return Files.readString(base.resolve("status/0.status"));
    }

    private Path conf(String name) {
        return root.resolve("etc/vmext-intrusion-detection").resolve(name);
    }

    @Test
    void bringsItsPackagesAndKeepsDebiansOwnFail2banFromRunning() {
        assertThat(run("install")).isZero();
        assertThat(installed).contains("aide", "fail2ban", "python3-systemd");
        List<String> calls = programs.texts();
        assertThat(calls.indexOf("systemctl mask fail2ban.service"))
                .isNotNegative()
                .isLessThan(calls.indexOf(calls.stream()
                        .filter(c -> c.startsWith("apt-get"))
                        .findFirst()
                        .orElseThrow()));
    }

    @Test
    void anOperatorsOwnFail2banIsLeftAsItWas() throws Exception {
        installed.addAll(List.of("aide", "fail2ban", "python3-systemd"));
        program("aide");
        program("fail2ban-server");
        assertThat(run("install")).isZero();
        assertThat(run("enable")).isZero();
        assertThat(run("uninstall")).isZero();
        assertThat(installed).contains("aide", "fail2ban", "python3-systemd");
        assertThat(programs.texts()).noneMatch(c -> c.startsWith("apt-get") || c.contains("fail2ban.service"));
        assertThat(root.resolve("etc/fail2ban/filter.d/sshd.conf")).hasContent("operator's");
    }

    @Test
    void triesTheConfigurationBeforeItIsAtWorkAndDoesNotWaitForTheBaseline() throws Exception {
        run("install");
        programs.forgetCalls();
        assertThat(run("enable")).isZero();
        assertThat(status()).contains("\"status\":\"success\"", "all is well", "baseline", "building");
        assertThat(conf("fail2ban/jail.conf")).content().contains("10.0.2.2");
        assertThat(conf("fail2ban/filter.d/sshd.conf")).isSymbolicLink().hasContent("operator's");
        List<String> calls = programs.texts();
        assertThat(calls.stream().filter(c -> c.startsWith("fail2ban-client") || c.startsWith("aide")))
                .allMatch(c -> c.contains("/candidate"))
                .hasSize(2);
        assertThat(calls.indexOf("systemctl daemon-reload"))
                .isGreaterThan(calls.indexOf(calls.stream()
                        .filter(c -> c.startsWith("fail2ban-client"))
                        .findFirst()
                        .orElseThrow()));
        assertThat(calls).contains("systemctl start --no-block vmext-intrusion-detection-baseline.service");
        assertThat(Files.readString(root.resolve("var/lib/vmext-intrusion-detection/status-file")))
                .isEqualTo(base.resolve("status/0.status") + "\n");
    }

    @Test
    void settingsThatAreRefusedChangeNothing() throws Exception {
        run("install");
        run("enable");
        String before = Files.readString(conf("fail2ban/jail.conf"));
        settings("{\"attacks\":{\"maxFailures\":9}}");
        programs.answer("fail2ban-client", 255, "ERROR no such filter\n").forgetCalls();
        assertThat(run("enable")).isEqualTo(53);
        assertThat(status()).contains("fail2ban refuses what they become", "no such filter", "Nothing was changed");
        assertThat(conf("fail2ban/jail.conf")).hasContent(before);
        assertThat(programs.texts()).noneMatch(c -> c.startsWith("systemctl"));

        settings("{\"attacks\":{\"jails\":[{\"service\":\"nginx-http-auth\"}]}}");
        assertThat(run("enable")).isEqualTo(53);
        assertThat(status()).contains("settings.attacks.jails[0]", "no log at /var/log/nginx/error.log");
        assertThat(conf("fail2ban/jail.conf")).hasContent(before);
    }

    @Test
    void settingsThatCannotBeStartedGiveWayToTheOldOnes() throws Exception {
        run("install");
        run("enable");
        String before = Files.readString(conf("fail2ban/jail.conf"));
        settings("{\"attacks\":{\"maxFailures\":9}}");
        programs.answer("systemctl restart", 1, "Job failed\n").forgetCalls();
        assertThat(run("enable")).isEqualTo(6);
        assertThat(status()).contains("cannot start the units", "Job failed");
        assertThat(conf("fail2ban/jail.conf")).hasContent(before);
    }

    @Test
    void whatWasAcceptedOnceIsNotAcceptedAgain() throws Exception {
        run("install");
        run("enable");
        Path baseline = root.resolve("var/lib/vmext-intrusion-detection/baseline");
        Files.createDirectories(baseline);
        Files.copy(conf("aide.conf"), baseline.resolve("aide.conf"));
        settings("{\"integrity\":{\"accept\":{\"id\":\"one\",\"paths\":[\"/etc/my hosts\"]}}}");
        programs.forgetCalls();
        assertThat(run("enable")).isZero();
        assertThat(run("enable")).isZero();
        assertThat(programs.texts().stream().filter(c -> c.contains("/bin/accept")))
                .hasSize(1)
                .allMatch(c -> c.endsWith("/accept /etc/my hosts"));
    }

    @Test
    void blockingBringsNftablesWhereItIsMissing() throws Exception {
        run("install");
        settings("{\"attacks\":{\"blocking\":\"service\"}}");
        assertThat(run("enable")).isZero();
        assertThat(installed).contains("nftables");
        assertThat(run("uninstall")).isZero();
        assertThat(installed).containsExactly("apt", "libc6");
    }

    @Test
    void anUpdateKeepsBaselineAndPackagesForTheNewVersion() throws Exception {
        run("install");
        run("enable");
        Path db = root.resolve("var/lib/vmext-intrusion-detection/baseline/db");
        Files.createDirectories(root.resolve("var/lib/vmext-intrusion-detection/baseline"));
        Files.writeString(db, "baseline");
        run("disable");
        variables.put("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", "1.0.0");
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.1");
        assertThat(run("update")).isZero();
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.0");
        assertThat(run("uninstall")).isZero();
        assertThat(db).hasContent("baseline");
        assertThat(installed).contains("aide");
    }

    @Test
    void uninstallLeavesNothingAndMayBeRepeated() throws Exception {
        run("install");
        run("enable");
        run("disable");
        assertThat(run("uninstall")).isZero();
        assertThat(run("uninstall")).isZero();
        assertThat(installed).containsExactly("apt", "libc6");
        assertThat(programs.texts()).contains("systemctl unmask fail2ban.service");
        assertThat(root.resolve("var/lib/vmext-intrusion-detection")).doesNotExist();
        assertThat(conf("values")).doesNotExist();
        try (Stream<Path> units = Files.list(root.resolve("etc/systemd/system"))) {
            assertThat(units).isEmpty();
        }
    }
}
