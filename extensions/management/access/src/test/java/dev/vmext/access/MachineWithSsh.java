package dev.vmext.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.extensionkit.HandlerRun;
import dev.vmext.extensionkit.machine.Programs;
import dev.vmext.extensionkit.machine.testing.PrivateRoot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A private root with a running sshd, and the built package on it as an agent lays it out. Only systemd is played: its timers do not run. */
final class MachineWithSsh implements AutoCloseable {
    private static final Path PACKAGE = Path.of(System.getProperty("extension.package"));
    private static final String THUMBPRINT = "A".repeat(40);
    /** Notes what is asked of it, and reloads the sshd of the test. */
    private static final String SYSTEMCTL = """
        #!/bin/sh
        echo "$*" >> /var/log/systemctl
        case "$*" in
            'is-active --quiet ssh.service') kill -0 "$(cat /run/sshd.pid)" ;;
            'reload ssh.service') kill -HUP "$(cat /run/sshd.pid)"; sleep 0.2 ;;
            is-active*) exit 3 ;;
        esac
        """;

    final PrivateRoot root;
    final Path base;
    private final Path folder;

    MachineWithSsh(Path folder) throws Exception {
        for (String program : List.of("/usr/sbin/sshd", "/usr/sbin/visudo", "/usr/bin/ssh", "/usr/bin/sshpass")) {
            assertThat(Files.isExecutable(Path.of(program)))
                    .as("this test needs %s: apt-get install openssh-server openssh-client sudo sshpass", program)
                    .isTrue();
        }
        this.folder = Files.createDirectories(folder.resolve("shared"));
        base = this.folder.resolve("handlers/access/vmext.Access-1.0.0");
        try (Stream<Path> files = Files.walk(PACKAGE)) {
            for (Path file : files.toList()) {
                Path target = base.resolve(PACKAGE.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        Files.createDirectories(base.resolve("config"));
        Files.createDirectories(base.resolve("status"));
        Files.createDirectories(events());
        Files.writeString(
                base.resolve("HandlerEnvironment.json"), """
                    [{"name": "vmext.Access", "version": 1.0, "handlerEnvironment": {"logFolder": "%s/log", \
                    "configFolder": "%s/config", "statusFolder": "%s/status", "heartbeatFile": "%s/heartbeat.log", \
                    "eventsFolder": "%s"}}]\
                    """.formatted(this.folder, base, base, base, events()));
        root = PrivateRoot.in(folder.resolve("root"), List.of(this.folder));
        root.write("/usr/bin/systemctl", SYSTEMCTL, "755");
        root.write("/usr/bin/loginctl", "#!/bin/sh\nexit 1\n", "755");
        root.ok("mkdir -p /run/systemd/system /etc/systemd/system");
        root.ok("rm -f /etc/ssh/ssh_host_*; ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key");
        root.ok("/usr/sbin/sshd");
        root.ok("useradd -m -s /bin/sh -c 'Bea, who was here' bea");
        root.ok("mkdir /root/keys; for n in alice bea other; do ssh-keygen -q -t ed25519 -N '' -C $n -f /root/keys/$n;"
                + " done;printf '127.0.0.1 %s\\n"
                + "' \"$(cat /etc/ssh/ssh_host_ed25519_key.pub)\" > /root/known");
    }

    private Path events() {
        return folder.resolve("events");
    }

    String publicKey(String name) throws IOException {
        return root.ok("cat /root/keys/" + name + ".pub");
    }

    /** Logs in with a key over the network and runs a line. */
    Programs.Result ssh(String account, String key, String line) throws IOException {
        return root.run(
                "",
                List.of(
                        "ssh",
                        "-n",
                        "-i",
                        "/root/keys/" + key,
                        "-o",
                        "IdentitiesOnly=yes",
                        "-o",
                        "BatchMode=yes",
                        "-o",
                        "UserKnownHostsFile=/root/known",
                        account + "@127.0.0.1",
                        line));
    }

    /** The same with a password. */
    Programs.Result sshWithPassword(String account, String password, String line) throws IOException {
        return root.run(
                "",
                List.of(
                        "sshpass",
                        "-p",
                        password,
                        "ssh",
                        "-o",
                        "PubkeyAuthentication=no",
                        "-o",
                        "UserKnownHostsFile=/root/known",
                        account + "@127.0.0.1",
                        line));
    }

    void settings(int number, String open) throws Exception {
        settings(number, open, "");
    }

    void settings(int number, String open, String secret) throws Exception {
        String more = secret.isEmpty()
                ? ""
                : ", \"protectedSettings\": \"%s\", \"protectedSettingsCertThumbprint\": \"%s\""
                        .formatted(encrypt(secret), THUMBPRINT);
        Files.writeString(
                base.resolve("config/" + number + ".settings"),
                "{\"runtimeSettings\": [{\"handlerSettings\": {\"publicSettings\": %s%s}}]}".formatted(open, more));
    }

    /** As a server would, with a certificate made by openssl. */
    private String encrypt(String text) throws Exception {
        Path handlers = base.resolveSibling(".");
        Files.writeString(handlers.resolve("secret"), text);
        Programs.Result result = root.sh("""
            set -e; cd %s
            [ -f %2$s.crt ] || openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=settings -days 2 -keyout %2$s.prv -out %2$s.crt 2>/dev/null
            openssl cms -encrypt -binary -outform DER -aes256 -in secret -out sealed %2$s.crt
            rm secret\
            """.formatted(handlers, THUMBPRINT));
        assertThat(result.ok()).as(result.output()).isTrue();
        return Base64.getEncoder().encodeToString(Files.readAllBytes(handlers.resolve("sealed")));
    }

    ProcessBuilder handler(int number, String command) {
        return root.builder(List.of(
                "env",
                "VMEXT_JAVA=" + System.getProperty("java.home"),
                "ConfigSequenceNumber=" + number,
                "AZURE_GUEST_AGENT_EXTENSION_PATH=" + base,
                "AZURE_GUEST_AGENT_EXTENSION_VERSION=1.0.0",
                base + "/bin/handler",
                command));
    }

    /** A command of the contract: the handler in this process, the machine in there. */
    Programs.Result run(int number, String command) {
        return run(number, command, Map.of());
    }

    /** The same with more variables, or others. */
    Programs.Result run(int number, String command, Map<String, String> more) {
        Map<String, String> variables = new HashMap<>();
        variables.put("ConfigSequenceNumber", Integer.toString(number));
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", "1.0.0");
        variables.putAll(more);
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        int code = new HandlerRun(
                        new Access(root.programs(), new Places(root.path())),
                        new HandlerRun.Surroundings(
                                variables,
                                base,
                                42,
                                InstantSource.system(),
                                new PrintStream(said, true, StandardCharsets.UTF_8)))
                .run(List.of(command));
        return new Programs.Result(code, said.toString(StandardCharsets.UTF_8));
    }

    /** The same by bin/handler, in there. */
    Programs.Result runPackaged(int number, String command) throws Exception {
        Process process = handler(number, command).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Programs.Result(process.waitFor(), output);
    }

    /** Settings that must go well. */
    void apply(int number, String open) throws Exception {
        settings(number, open);
        assertThat(run(number, "enable")).isEqualTo(new Programs.Result(0, ""));
        assertThat(status(number)).contains("\"status\":\"success\"");
    }

    /** What the timer does. */
    void tick() throws IOException {
        root.ok("sh /var/lib/vmext-access/bin/vmext-access tick");
    }

    String status(int number) throws IOException {
        return Files.readString(base.resolve("status/" + number + ".status"));
    }

    /** All events that were written since the last call, oldest first, as text. */
    String told() throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.list(events())) {
            for (Path file : files.sorted().toList()) {
                text.append(Files.readString(file).strip().replace("\\\"", "\""))
                        .append('\n');
                Files.delete(file);
            }
        }
        return text.toString();
    }

    /** All that the extension may change, as text. */
    String everything() throws IOException {
        return root.ok("""
            cat /etc/passwd /etc/group /etc/shadow /etc/gshadow | sort
            ls -lA --time-style=+ /home /etc/sudoers.d /etc/ssh/sshd_config.d /etc/systemd/system /var/mail | grep -v '^total'
            ls -dA /etc/vmext-access /var/lib/vmext-access 2>/dev/null; find /home -printf '%p %u %m\\n' | sort\
            """);
    }

    @Override
    public void close() {
        root.close();
    }
}
