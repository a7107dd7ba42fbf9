package dev.vmext.firewall;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs bin/handler of the built package against real nftables, in a network namespace made for the test, with a second one as
 * its neighbour. Files go below a temporary folder. Nothing runs in the namespace of this machine.
 */
final class FirewallIT {
    private static final Path PACKAGE = Path.of(System.getProperty("extension.package"));
    private static final String JAVA = System.getProperty("java.home") + "/bin/java";

    @TempDir
    private Path folder;

    private Path base;
    private final List<Process> started = new ArrayList<>();
    private long machine;
    private long neighbour;

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

    @Test
    void realPacketsFollowTheRules() throws Exception {
        assertThat(connect(neighbour, "10.99.0.1", 81)).isEqualTo("connected");
        settings("""
                {"rules": [{"name": "web", "action": "accept", "protocol": "tcp", "ports": [80], "sources": ["10.99.0.0/24", "fd99::/64"]},
                           {"name": "ssh", "action": "reject", "protocol": "tcp", "ports": ["22"], "log": true},
                           {"name": "no mail", "action": "drop", "direction": "out", "protocol": "tcp", "ports": [25], "destinations": ["10.99.0.2"]}]}""");
        assertThat(handler("install")).isEqualTo("0 ");
        assertThat(handler("enable")).isEqualTo("0 ");

        assertThat(ruleset()).contains("policy drop", "comment \"rule: web\"", "vmext-firewall ssh: ");
        assertThat(connect(neighbour, "10.99.0.1", 80)).isEqualTo("connected");
        assertThat(connect(neighbour, "fd99::1", 80)).isEqualTo("connected");
        assertThat(connect(neighbour, "10.99.0.1", 22)).isEqualTo("refused");
        assertThat(connect(neighbour, "10.99.0.1", 81)).isEqualTo("no answer");
        assertThat(connect(neighbour, "fd99::1", 81)).isEqualTo("no answer");
        assertThat(connect(machine, "127.0.0.1", 81)).as("loopback").isEqualTo("connected");
        assertThat(connect(machine, "10.99.0.2", 25)).isEqualTo("no answer");
        assertThat(connect(machine, "10.99.0.2", 9999)).isEqualTo("connected");
        assertThat(Files.readString(base.resolve("status/1.status"))).contains("3 rules are in force", "packets");
    }

    @Test
    void noSettingsCutTheAgentsLink() throws Exception {
        settings("""
                {"defaultInbound": "drop", "allowEstablished": false,
                 "rules": [{"name": "nothing in", "action": "drop"}, {"name": "nothing out", "action": "drop", "direction": "out"}]}""");
        assertThat(handler("enable")).isEqualTo("0 ");
        assertThat(connect(machine, "10.99.0.2", 9999)).isEqualTo("no answer");
        assertThat(connect(machine, "10.99.0.2", 4320)).isEqualTo("connected");
        assertThat(connect(machine, "fd99::2", 4320)).isEqualTo("connected");
        assertThat(connect(neighbour, "10.99.0.1", 80)).isEqualTo("no answer");
    }

    @Test
    void everyKindOfRuleIsUnderstoodByNft() throws Exception {
        List<String> rules = new ArrayList<>();
        for (String action : List.of("accept", "drop", "reject")) {
            for (String direction : List.of("in", "out")) {
                for (String protocol : List.of("tcp", "udp", "icmp", "any")) {
                    for (String sources : List.of("", "10.0.0.0/8", "0.0.0.0/0", "fd00::/8\", \"10.1.2.3")) {
                        rules.add("""
                                {"name": "rule %d", "action": "%s", "direction": "%s", "protocol": "%s", "log": %b, "counter": %b, \
                                "ports": [%s], "sources": [%s], "destinations": [%s]}""".formatted(
                                        rules.size(),
                                        action,
                                        direction,
                                        protocol,
                                        rules.size() % 2 == 0,
                                        rules.size() % 3 == 0,
                                        protocol.equals("icmp") ? "" : "1, \"80-90\", 65535",
                                        sources.isEmpty() ? "" : '"' + sources + '"',
                                        rules.size() % 5 == 0 ? "\"10.3.0.0/16\", \"::/0\"" : ""));
                    }
                }
            }
        }
        settings("{\"rules\": [" + String.join(", ", rules) + "]}");
        assertThat(handler("enable")).isEqualTo("0 ");
        assertThat(ruleset()).contains("rule: rule 0", "rule: rule " + (rules.size() - 1));
    }

    @Test
    void replacesOnlyItsOwnTableAndRemovesAllOfIt() throws Exception {
        in(machine, "nft", "add table inet somebody_elses");
        settings("{}");
        handler("enable");
        settings("{\"defaultInbound\": \"accept\"}");
        handler("enable");
        assertThat(ruleset())
                .contains("table inet somebody_elses", "default: accept")
                .doesNotContain("default: drop");

        assertThat(handler("disable")).isEqualTo("0 ");
        assertThat(handler("disable")).as("may be repeated").isEqualTo("0 ");
        assertThat(ruleset()).contains("somebody_elses").doesNotContain("vmext_firewall");
        assertThat(connect(neighbour, "10.99.0.1", 81)).isEqualTo("connected");
        assertThat(folder.resolve("root/etc/vmext-firewall/rules.nft")).exists();

        assertThat(handler("uninstall")).isEqualTo("0 ");
        assertThat(folder.resolve("root/etc/vmext-firewall")).doesNotExist();
        assertThat(folder.resolve("root/var/lib/vmext-firewall")).doesNotExist();
    }

    @Test
    void theFileForTheNextBootLoadsByItself() throws Exception {
        settings("{\"rules\": [{\"name\": \"web\", \"action\": \"accept\", \"protocol\": \"tcp\", \"ports\": [80]}]}");
        handler("enable");
        String before = ruleset();
        in(machine, "nft", "flush", "ruleset");
        in(
                machine,
                "nft",
                "-f",
                folder.resolve("root/etc/vmext-firewall/rules.nft").toString());
        assertThat(ruleset().replaceAll("packets [0-9]+ bytes [0-9]+", ""))
                .isEqualTo(before.replaceAll("packets [0-9]+ bytes [0-9]+", ""));
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
                "configFolder": "%s/config", "statusFolder": "%s/status", "heartbeatFile": "%s/heartbeat.log"}}]""".formatted(folder, base, base, base));
    }

    private void settings(String json) throws Exception {
        Files.writeString(
                base.resolve("config/1.settings"),
                "{\"runtimeSettings\": [{\"handlerSettings\": {\"publicSettings\": " + json + "}}]}");
    }

    private String handler(String command) throws Exception {
        ProcessBuilder builder = enter(machine, base + "/bin/handler", command);
        builder.environment().put("VMEXT_JAVA", System.getProperty("java.home"));
        builder.environment().put("VMEXT_FIREWALL_ROOT", folder.resolve("root").toString());
        builder.environment().put("ConfigSequenceNumber", "1");
        Process process = builder.directory(base.toFile()).start();
        String output = output(process);
        return process.exitValue() + " " + output;
    }

    private String ruleset() throws Exception {
        return in(machine, "nft", "list", "ruleset");
    }

    private String connect(long from, String address, int port) throws Exception {
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

    private void listen(long namespace, String... ports) throws Exception {
        List<String> command = new ArrayList<>(List.of(JAVA, "-cp", classes(), NetProbe.class.getName(), "listen"));
        command.addAll(List.of(ports));
        Process process = enter(namespace, command.toArray(String[]::new)).start();
        started.add(process);
        assertThat(process.inputReader().readLine()).isEqualTo("ready");
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
    private long namespace() throws Exception {
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

    private static ProcessBuilder enter(long namespace, String... command) throws IOException {
        // The one thing that must never happen: rules loaded on the machine that runs the tests.
        assertThat(namespaceOf(namespace)).isNotEqualTo(ownNamespace());
        List<String> words = new ArrayList<>(List.of("nsenter", "-t", Long.toString(namespace), "-n", "--"));
        words.addAll(List.of(command));
        return new ProcessBuilder(words).redirectInput(new File("/dev/null")).redirectErrorStream(true);
    }

    private static String in(long namespace, String... command) throws Exception {
        Process process = enter(namespace, command).start();
        String output = output(process);
        assertThat(process.exitValue()).as(List.of(command) + ": " + output).isZero();
        return output;
    }

    private static String output(Process process) throws Exception {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return output;
    }
}
