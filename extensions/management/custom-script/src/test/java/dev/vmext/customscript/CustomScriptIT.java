package dev.vmext.customscript;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.Json;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs bin/handler of the built package in folders laid out as the contract says. Touches nothing outside them. */
final class CustomScriptIT {
    private static final Path PACKAGE = Path.of(System.getProperty("extension.package"));
    private static final String THUMBPRINT = "A".repeat(40);

    @TempDir
    private Path root;

    private Path base;
    private Path logs;

    private record Result(int exitCode, String output) {}

    @BeforeEach
    void layOutTheContractsFolders() throws Exception {
        base = root.resolve("handlers/motd/vmext.CustomScript-1.1.0");
        logs = root.resolve("log");
        try (Stream<Path> files = Files.walk(PACKAGE)) {
            for (Path file : files.toList()) {
                Path target = base.resolve(PACKAGE.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        Files.createDirectories(base.resolve("config"));
        Files.createDirectories(base.resolve("status"));
        Files.writeString(base.resolve("HandlerEnvironment.json"), """
            [{"name": "vmext.CustomScript", "version": 1.0, "handlerEnvironment": {"logFolder": "%s", \
            "configFolder": "%s/config", "statusFolder": "%s/status", "heartbeatFile": "%s/heartbeat.log"}}]\
            """.formatted(logs, base, base, base));
    }

    @Test
    void runsAScriptOncePerSequenceNumber() throws Exception {
        settings(1, Map.of("script", "echo once >> " + root.resolve("effect") + "; echo Grüße \"$1\"; echo oh >&2"));
        assertThat(handler(1, "install")).isEqualTo(new Result(0, ""));
        assertThat(handler(1, "enable")).isEqualTo(new Result(0, ""));
        assertThat(handler(1, "enable").exitCode()).isZero();

        assertThat(root.resolve("effect")).hasContent("once");
        assertThat(base.resolve("mrseq")).hasContent("1");
        assertThat(status(1).getString("status")).isEqualTo("success");
        assertThat(message(1)).contains("exit code 0", "Last lines:\nGrüße");
        assertThat(part(1, "stdout")).isEqualTo("Grüße \n");
        assertThat(part(1, "stderr")).isEqualTo("oh\n");
        assertThat(Files.readString(logs.resolve("motd/1.stdout"))).isEqualTo("Grüße \n");

        settings(2, Map.of("script", "exit 0"));
        handler(2, "enable");
        assertThat(message(2)).contains("exit code 0", "It wrote nothing.");
    }

    @Test
    void handsOverArgumentsAsTheyAre() throws Exception {
        List<String> nasty = List.of("a b", "$(touch " + root.resolve("owned") + ")", "; exit 3", "\"'`\n*", "ü");
        settingsJson(
                1,
                Json.object()
                        .with("script", "#!/bin/sh -e\nfor a in \"$@\"; do echo \"[$a]\"; done; pwd")
                        .with("workingDirectory", root.toString())
                        .with(
                                "arguments",
                                new Json.Arr(
                                        nasty.stream().<Json>map(Json.Str::new).toList())),
                Json.object());
        handler(1, "enable");
        assertThat(part(1, "stdout"))
                .isEqualTo("[a b]\n[" + nasty.get(1) + "]\n[; exit 3]\n[\"'`\n*]\n[ü]\n" + root.toRealPath() + "\n");
        assertThat(root.resolve("owned")).doesNotExist();
    }

    @Test
    void hidesProtectedValuesEverywhereAndLeavesNoneOnDisk() throws Exception {
        settingsJson(
                1,
                Json.object().with("script", "echo \"token $TOKEN\"; echo \"$1\" >&2; cat note >&2; exit 4"),
                Json.object()
                        .with("environment", Json.object().with("TOKEN", "hunter2-" + "x".repeat(40)))
                        .with("arguments", Json.array(new Json.Str("argument-secret")))
                        .with(
                                "files",
                                Json.array(Json.object().with("name", "note").with("content", "file-secret"))));
        assertThat(handler(1, "enable").exitCode()).isZero();

        assertThat(part(1, "stderr")).isEqualTo("***\n***");
        assertThat(status(1).getString("status")).isEqualTo("error");
        assertThat(status(1).getInt("code", 0, 0, 255)).isEqualTo(4);
        assertThat(message(1)).contains("failed with exit code 4", "***");
        assertThat(part(1, "stdout")).isEqualTo("token ***\n");
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain("hunter2", "argument-secret", "file-secret");
            }
        }
    }

    @Test
    void endsAScriptAndAllItStartedAtItsTimeLimit() throws Exception {
        Path pids = root.resolve("pids");
        settingsJson(
                1,
                Json.object()
                        .with(
                                "script",
                                "trap '' TERM; sleep 600 & echo $! >> " + pids + "; setsid sleep 600 & echo $! >> "
                                        + pids + "; echo waiting; while :; do wait; done")
                        .with("timeoutSeconds", 1),
                Json.object());
        handler(1, "enable");
        assertThat(message(1)).contains("had not ended after 1 s (timeoutSeconds)", "waiting");
        for (String pid : Files.readAllLines(pids)) {
            assertThat(alive(pid)).as(pid).isFalse();
        }
    }

    @Test
    void aServiceThatKeepsTheOutputOpenDoesNotHangIt() throws Exception {
        Path pid = root.resolve("pid");
        settings(
                1,
                Map.of("script", "setsid sh -c 'while :; do echo x; sleep 1; done' & echo $! > " + pid + "; echo up"));
        handler(1, "enable");
        String service = Files.readString(pid).strip();
        try {
            assertThat(message(1)).contains("exit code 0");
            assertThat(alive(service))
                    .as("what a finished script left running lives on")
                    .isTrue();
        } finally {
            ProcessHandle.of(Long.parseLong(service)).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void keepsOnlyTheEndOfEndlessOutput() throws Exception {
        settings(1, Map.of("script", "seq 1 3000000; echo the end"));
        handler(1, "enable");
        assertThat(part(1, "stdout")).endsWith("3000000\nthe end\n").hasSizeLessThan(5000);
        assertThat(Files.size(logs.resolve("motd/1.stdout"))).isLessThan(600_000);
        assertThat(Files.readString(logs.resolve("motd/1.stdout"))).startsWith("[the beginning was not kept]");
    }

    @Test
    void aScriptThatWasInterruptedIsReportedAndNotRunAgain() throws Exception {
        Path started = root.resolve("started");
        settings(1, Map.of("script", "echo $$ >> " + started + "; sleep 600"));
        Process handler = start(1, "enable");
        String script = await(started);
        handler.destroyForcibly().waitFor();
        assertThat(alive(script)).isTrue();
        assertThat(message(1)).contains("running");

        assertThat(handler(1, "enable").exitCode()).isZero();
        assertThat(message(1)).contains("was interrupted", "not run again");
        assertThat(Files.readAllLines(started)).hasSize(1);
        assertThat(alive(script)).isFalse();
    }

    @Test
    void endingTheHandlerEndsTheScript() throws Exception {
        Path started = root.resolve("started");
        settings(1, Map.of("script", "echo $$ >> " + started + "; sleep 600"));
        Process handler = start(1, "enable");
        String script = await(started);
        handler.destroy();
        assertThat(handler.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(alive(script)).isFalse();
    }

    @Test
    void wrongSettingsDoNotCountAsBegun() throws Exception {
        settings(1, Map.of("scirpt", "exit 0"));
        Result result = handler(1, "enable");
        assertThat(result.exitCode()).isEqualTo(53);
        assertThat(result.output()).contains("the settings name none");
        assertThat(base.resolve("mrseq")).doesNotExist();
        assertThat(status(1).getString("status")).isEqualTo("error");
    }

    @Test
    void commandsThatAreMissingAreExplained() throws Exception {
        settings(1, Map.of("commandToExecute", "no-such-program --now"));
        handler(1, "enable");
        assertThat(message(1)).contains("exit code 127 (a program it called was not found)", "no-such-program");
    }

    @Test
    void uninstallTakesEverythingAway() throws Exception {
        settings(1, Map.of("script", "echo x > left-in-work"));
        handler(1, "enable");
        assertThat(base.resolve("runs/1/work/left-in-work")).exists();
        assertThat(handler(1, "disable").exitCode()).isZero();
        assertThat(handler(1, "uninstall").exitCode()).isZero();
        assertThat(base.resolve("runs")).doesNotExist();
        assertThat(logs.resolve("motd")).doesNotExist();
        try (Stream<Path> left = Files.list(logs)) {
            assertThat(left).containsExactly(logs.resolve("handler.log"));
        }
    }

    @Test
    void updateKeepsTheOutputOfTheLastRun() throws Exception {
        settings(1, Map.of("script", "echo x"));
        handler(1, "enable");
        Files.createDirectories(base.resolveSibling("vmext.CustomScript-1.1.1"));
        handler(1, "update");
        handler(1, "uninstall");
        assertThat(logs.resolve("motd/1.stdout")).exists();
    }

    @Test
    void saysWhatIsMissingWithoutAJavaRuntime() throws Exception {
        ProcessBuilder builder = builder(1, "enable");
        builder.environment().put("VMEXT_JAVA", root.resolve("nowhere").toString());
        Result result = finish(builder.start());
        assertThat(result.exitCode()).isEqualTo(52);
        assertThat(result.output()).contains("nowhere", "no Java runtime");
    }

    private void settings(int number, Map<String, String> texts) throws Exception {
        Json.Obj settings = Json.object();
        for (Map.Entry<String, String> text : texts.entrySet()) {
            settings = settings.with(text.getKey(), text.getValue());
        }
        settingsJson(number, settings, Json.object());
    }

    private void settingsJson(int number, Json.Obj open, Json.Obj secret) throws Exception {
        Json.Obj handler = Json.object().with("publicSettings", open);
        if (!secret.fields().isEmpty()) {
            handler = handler.with("protectedSettings", encrypt(secret.text()))
                    .with("protectedSettingsCertThumbprint", THUMBPRINT);
        }
        Json file =
                Json.object().with("runtimeSettings", Json.array(Json.object().with("handlerSettings", handler)));
        Files.writeString(base.resolve("config/" + number + ".settings"), file.text());
    }

    /** As a server would, with a certificate made by openssl: no code of ours on the encrypting side. */
    private String encrypt(String text) throws Exception {
        Path folder = root.resolve("handlers/motd");
        String certificate = folder.resolve(THUMBPRINT + ".crt").toString();
        openssl(
                "",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-subj",
                "/CN=settings",
                "-days",
                "2",
                "-keyout",
                folder.resolve(THUMBPRINT + ".prv").toString(),
                "-out",
                certificate);
        byte[] der = openssl(text, "cms", "-encrypt", "-binary", "-outform", "DER", "-aes256", certificate);
        return Base64.getEncoder().encodeToString(der);
    }

    private byte[] openssl(String input, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(root.resolve("openssl.log").toFile())
                .start();
        try (var in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        byte[] output = process.getInputStream().readAllBytes();
        assertThat(process.waitFor())
                .as(Files.readString(root.resolve("openssl.log")))
                .isZero();
        return output;
    }

    private Result handler(int number, String command) throws Exception {
        return finish(start(number, command));
    }

    private Process start(int number, String command) throws IOException {
        return builder(number, command).start();
    }

    private ProcessBuilder builder(int number, String command) {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", "exec " + base + "/bin/handler " + command)
                .directory(base.toFile())
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", System.getenv("PATH"));
        builder.environment().put("VMEXT_JAVA", System.getProperty("java.home"));
        builder.environment().put("ConfigSequenceNumber", Integer.toString(number));
        builder.environment().put("AZURE_GUEST_AGENT_EXTENSION_PATH", base.toString());
        return builder;
    }

    private static Result finish(Process process) throws Exception {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return new Result(process.exitValue(), output);
    }

    private Fields status(int number) throws Exception {
        Json json = Json.parse(Files.readString(base.resolve("status/" + number + ".status")));
        return Fields.of("status", ((Json.Arr) json).items().getFirst()).getObject("status");
    }

    private String message(int number) throws Exception {
        return status(number).getObject("formattedMessage").getString("message");
    }

    private String part(int number, String name) throws Exception {
        for (Json part : status(number).getList("substatus")) {
            Fields fields = Fields.of("substatus", part);
            if (fields.getString("name").equals(name)) {
                return fields.getObject("formattedMessage").getString("message");
            }
        }
        throw new AssertionError("no substatus " + name);
    }

    private static boolean alive(String pid) throws IOException {
        Path stat = Path.of("/proc", pid, "stat");
        try {
            String text = Files.readString(stat, StandardCharsets.ISO_8859_1);
            return text.charAt(text.lastIndexOf(')') + 2) != 'Z';
        } catch (java.nio.file.NoSuchFileException e) {
            return false;
        }
    }

    /** Waits until the script wrote its line; the test's own time limit is the build's. */
    private static String await(Path file) throws Exception {
        while (!Files.exists(file) || Files.readString(file).isBlank()) {
            Thread.onSpinWait();
        }
        return Files.readAllLines(file).getFirst();
    }
}
