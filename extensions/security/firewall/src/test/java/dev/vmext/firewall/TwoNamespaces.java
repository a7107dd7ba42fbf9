package dev.vmext.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.extensionkit.Json;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * A machine and its neighbour, each a network namespace made for the test, and bin/handler of the built package between them with
 * real nftables. Files go below a temporary folder. Nothing runs in the namespace of this machine.
 */
abstract class TwoNamespaces {
    private static final Path PACKAGE = Path.of(System.getProperty("extension.package"));
    private static final String JAVA = System.getProperty("java.home") + "/bin/java";

    @TempDir
    Path folder;

    Path base;
    private final List<Process> started = new ArrayList<>();
    long machine;
    long neighbour;

    @BeforeEach
    void makeTwoNamespacesWithALinkBetweenThem() throws Exception {
        for (String program : List.of("/usr/bin/unshare", "/usr/bin/nsenter", "/usr/sbin/nft", "/usr/sbin/ip")) {
            assertThat(Files.isExecutable(Path.of(program)) || Files.isExecutable(Path.of(program.replace("/usr", ""))))
                    .as("this test needs %s: apt-get install util-linux nftables iproute2", program)
                    .isTrue();
        }
        machine = namespace();
        neighbour = namespace();
        in(machine, "ip", "link", "set", "lo", "up");
        in(machine, "ip", "link", "add", "m0", "type", "veth", "peer", "name", "n0", "netns", Long.toString(neighbour));
        for (var side : List.of(new Side(machine, "m0", 1), new Side(neighbour, "n0", 2))) {
            in(side.namespace, "ip", "address", "add", "10.99.0." + side.number + "/24", "dev", side.link);
            in(side.namespace, "ip", "address", "add", "fd99::" + side.number + "/64", "dev", side.link, "nodad");
            in(side.namespace, "ip", "link", "set", side.link, "up");
        }
        listen(machine, "22", "80", "81");
        listen(neighbour, "25", "4320", "9999");
        layOutTheContractsFolders();
    }

    private record Side(long namespace, String link, int number) {}

    @AfterEach
    void endTheNamespaces() throws Exception {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
    }

    private void layOutTheContractsFolders() throws Exception {
        base = folder.resolve("handlers/firewall/vmext.Firewall-1.0.0");
        Files.createDirectories(folder.resolve("root"));
        try (Stream<Path> files = Files.walk(PACKAGE)) {
            for (Path file : files.toList()) {
                Path target = base.resolve(PACKAGE.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        Files.createDirectories(base.resolve("config"));
        Files.createDirectories(base.resolve("status"));
        Files.writeString(base.resolve("HandlerEnvironment.json"), """
                [{"name": "vmext.Firewall", "version": 1.0, "handlerEnvironment": {"logFolder": "%s/log", \
                "configFolder": "%s/config", "statusFolder": "%s/status", "heartbeatFile": "%s/heartbeat.log", \
                "eventsFolder": "%s"}}]""".formatted(folder, base, base, base, events()));
        Files.createDirectories(events());
    }

    void settings(String json) throws Exception {
        Files.writeString(
                base.resolve("config/1.settings"),
                "{\"runtimeSettings\": [{\"handlerSettings\": {\"publicSettings\": " + json + "}}]}");
    }

    String handler(String command) throws Exception {
        Process process = start(command);
        String output = output(process);
        return process.exitValue() + " " + output;
    }

    Process start(String command) throws Exception {
        ProcessBuilder builder = enter(machine, base + "/bin/handler", command);
        builder.environment().put("VMEXT_JAVA", System.getProperty("java.home"));
        builder.environment().put("VMEXT_FIREWALL_ROOT", folder.resolve("root").toString());
        builder.environment().put("ConfigSequenceNumber", "1");
        return builder.directory(base.toFile()).start();
    }

    String ruleset() throws Exception {
        return in(machine, "nft", "list", "ruleset");
    }

    String connect(long from, String address, int port) throws Exception {
        return in(
                        from,
                        JAVA,
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classes(),
                        NetProbe.class.getName(),
                        "connect",
                        address,
                        Integer.toString(port))
                .strip();
    }

    void listen(long namespace, String... ports) throws Exception {
        List<String> command = new ArrayList<>(List.of(JAVA, "-cp", classes(), NetProbe.class.getName(), "listen"));
        command.addAll(List.of(ports));
        Process process = enter(namespace, command.toArray(String[]::new)).start();
        started.add(process);
        assertThat(process.inputReader().readLine()).isEqualTo("ready");
    }

    Path events() {
        return folder.resolve("log/events");
    }

    /** The findings that were told, oldest first, as JSON. */
    List<String> findings() throws Exception {
        try (Stream<Path> files = Files.list(events())) {
            List<String> texts = new ArrayList<>();
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
                texts.add(((Json.Obj) Json.parse(Files.readString(file)))
                        .find("Message")
                        .map(m -> ((Json.Str) m).value())
                        .orElseThrow());
            }
            return texts;
        }
    }

    /** The agent's control plane, as its configuration names it. */
    void gateway(String address) throws Exception {
        Path file = folder.resolve("root/etc/vmext/agent.json");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "{\"version\": 1, \"gateways\": [\"" + address + "\"]}");
    }

    /** What systemd would run, with this as its input. */
    String script(String input, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "/bin/sh",
                folder.resolve("root/var/lib/vmext-firewall/current/firewall-rules")
                        .toString()));
        command.addAll(List.of(words));
        Path file = Files.writeString(folder.resolve("input"), input);
        Process process = enter(machine, command.toArray(String[]::new))
                .redirectInput(file.toFile())
                .start();
        String output = output(process);
        return process.exitValue() + " " + output;
    }

    private static String classes() throws Exception {
        return Path.of(NetProbe.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .toString();
    }

    /** Starts a process that does nothing but hold a new namespace; it ends with the test. */
    long namespace() throws Exception {
        Process holder = new ProcessBuilder("unshare", "-n", "sleep", "600")
                .redirectErrorStream(true)
                .start();
        started.add(holder);
        String own = ownNamespace();
        while (holder.isAlive() && namespaceOf(holder.pid()).equals(own)) {
            Thread.onSpinWait();
        }
        assertThat(holder.isAlive())
                .as("this test needs the right to make network namespaces (root, or CAP_SYS_ADMIN)")
                .isTrue();
        return holder.pid();
    }

    private static String namespaceOf(long pid) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/net")).toString();
    }

    private static String ownNamespace() throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
    }

    static ProcessBuilder enter(long namespace, String... command) throws IOException {
        // The one thing that must never happen: rules loaded on the machine that runs the tests.
        assertThat(namespaceOf(namespace)).isNotEqualTo(ownNamespace());
        List<String> words = new ArrayList<>(List.of("nsenter", "-t", Long.toString(namespace), "-n", "--"));
        words.addAll(List.of(command));
        return new ProcessBuilder(words).redirectInput(new File("/dev/null")).redirectErrorStream(true);
    }

    static String in(long namespace, String... command) throws Exception {
        Process process = enter(namespace, command).start();
        String output = output(process);
        assertThat(process.exitValue()).as(List.of(command) + ": " + output).isZero();
        return output;
    }

    static String output(Process process) throws Exception {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return output;
    }
}
