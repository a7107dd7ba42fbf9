package dev.vmext.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.extensionkit.HandlerRun;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.machine.Downloads;
import dev.vmext.extensionkit.machine.Programs;
import dev.vmext.extensionkit.machine.testing.PrivateRoot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A private root with the real ansible-core, and the built package on it as an agent lays it out. As on many machines nothing can be
 * executed below /run. Only systemd is played: its timers do not run.
 */
final class MachineWithAnsible implements AutoCloseable {
    private static final Path PACKAGE = Path.of(System.getProperty("extension.package"));
    private static final String THUMBPRINT = "A".repeat(40);

    final PrivateRoot root;
    final Path shared;
    private final Path base;

    MachineWithAnsible(Path folder) throws Exception {
        for (String file : List.of("/usr/bin/ansible-playbook", "/usr/lib/python3/dist-packages/apt/__init__.py")) {
            assertThat(Path.of(file))
                    .as("this test needs %s: apt-get install ansible-core python3-apt", file)
                    .exists();
        }
        shared = Files.createDirectories(folder.resolve("shared"));
        base = shared.resolve("handlers/configuration/vmext.Configuration-1.0.0");
        try (Stream<Path> files = Files.walk(PACKAGE)) {
            for (Path file : files.toList()) {
                Path target = base.resolve(PACKAGE.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        Files.createDirectories(base.resolve("config"));
        Files.createDirectories(base.resolve("status"));
        Files.createDirectories(shared.resolve("events"));
        Files.writeString(base.resolve("HandlerEnvironment.json"), """
            [{"name": "vmext.Configuration", "version": 1.0, "handlerEnvironment": {"logFolder": "%s/log", \
            "configFolder": "%s/config", "statusFolder": "%s/status", "heartbeatFile": "%s/heartbeat.log", \
            "eventsFolder": "%s/events"}}]\
            """.formatted(shared, base, base, base, shared));
        root = PrivateRoot.in(folder.resolve("root"), List.of(shared));
        root.write("/usr/bin/systemctl", "#!/bin/sh\necho \"$*\" >> /var/log/systemctl\n", "755");
        root.ok("mkdir -p /run/systemd/system /etc/systemd/system; mount -o remount,noexec /run");
    }

    void settings(Json.Obj open, Json.Obj secret) throws Exception {
        String more = secret.fields().isEmpty()
                ? ""
                : ", \"protectedSettings\": \"%s\", \"protectedSettingsCertThumbprint\": \"%s\""
                        .formatted(encrypt(secret.text()), THUMBPRINT);
        Files.writeString(
                base.resolve("config/1.settings"),
                "{\"runtimeSettings\": [{\"handlerSettings\": {\"publicSettings\": %s%s}}]}"
                        .formatted(open.text(), more));
    }

    private String encrypt(String text) throws Exception {
        Path handlers = base.resolveSibling(".");
        Files.writeString(handlers.resolve("secret"), text);
        root.ok("""
            set -e; cd %s
            openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=settings -days 2 -keyout %2$s.prv -out %2$s.crt 2>/dev/null
            openssl cms -encrypt -binary -outform DER -aes256 -in secret -out sealed %2$s.crt
            rm secret\
            """.formatted(handlers, THUMBPRINT));
        return Base64.getEncoder().encodeToString(Files.readAllBytes(handlers.resolve("sealed")));
    }

    /** A command of the contract as an agent runs it, in there. */
    ProcessBuilder packaged(String command) {
        return root.builder(List.of(
                "env",
                "VMEXT_JAVA=" + System.getProperty("java.home"),
                "ConfigSequenceNumber=1",
                "AZURE_GUEST_AGENT_EXTENSION_PATH=" + base,
                "AZURE_GUEST_AGENT_EXTENSION_VERSION=1.0.0",
                base + "/bin/handler",
                command));
    }

    Programs.Result runPackaged(String command) throws Exception {
        Process process = packaged(command).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Programs.Result(process.waitFor(), output);
    }

    /** A command of the contract: the handler in this process, the machine in there. */
    Programs.Result run(String command) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        Downloads.Time time = new Downloads.Time() {
            @Override
            public long nanos() {
                return System.nanoTime();
            }

            @Override
            public void pause(Duration length) {
                Thread.onSpinWait();
            }
        };
        int code = new HandlerRun(
                        new Configuration(root.programs(), time, new Places(root.path())),
                        new HandlerRun.Surroundings(
                                Map.of("ConfigSequenceNumber", "1", "AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.0"),
                                base,
                                42,
                                InstantSource.system(),
                                new PrintStream(said, true, StandardCharsets.UTF_8)))
                .run(List.of(command));
        return new Programs.Result(code, said.toString(StandardCharsets.UTF_8));
    }

    /** Enables with these settings; the answer is the exit code. */
    int enable(Json.Obj open) throws Exception {
        settings(open, Json.object());
        return run("enable").exitCode();
    }

    /** What a timer does. */
    void timer(String verb) throws IOException {
        root.ok("python3 -I /var/lib/vmext-configuration/bin/vmext-configuration " + verb);
    }

    String status() throws IOException {
        return Files.readString(base.resolve("status/1.status"));
    }

    /** All events that were written since the last call, oldest first, as text. */
    String told() throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.list(shared.resolve("events"))) {
            for (Path file : files.sorted().toList()) {
                text.append(Files.readString(file).strip().replace("\\\"", "\""))
                        .append('\n');
                Files.delete(file);
            }
        }
        return text.toString();
    }

    @Override
    public void close() {
        root.close();
    }
}
