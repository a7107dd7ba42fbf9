package dev.vmext.systemtests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Product;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The ACME server pebble on the host, as the machine sees it at 10.0.2.2. It checks names as a public one does: its DNS server says that
 * all of them are the host's loopback, where a port leads to the machine.
 */
@SuppressWarnings("try") // close waits for processes, which a test run may interrupt
final class AcmeServer implements AutoCloseable {
    private final List<Process> processes = new ArrayList<>();
    private final Path folder;
    private final int management;
    /** Where the machine finds it. */
    final String directory;
    /** Its own authority for HTTPS, PEM. */
    final String authority;

    /**
     * Starts it.
     *
     * @param httpPort of the host's loopback, where it looks for the answers to challenges
     */
    AcmeServer(Path folder, int httpPort) throws Exception {
        this.folder = Files.createDirectories(folder);
        List<Integer> ports = freePorts(5);
        int listen = ports.get(0);
        management = ports.get(1);
        Product.Said made = Product.run(
                folder,
                "",
                60,
                Map.of(),
                List.of(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "ec",
                        "-pkeyopt",
                        "ec_paramgen_curve:P-256",
                        "-nodes",
                        "-keyout",
                        "key.pem",
                        "-out",
                        "cert.pem",
                        "-days",
                        "2",
                        "-subj",
                        "/CN=pebble",
                        "-addext",
                        "subjectAltName=IP:10.0.2.2"));
        assertThat(made.exit()).as(made.all()).isZero();
        authority = Files.readString(folder.resolve("cert.pem"));
        Files.writeString(folder.resolve("config.json"), """
                {"pebble": {"listenAddress": "127.0.0.1:%d", "managementListenAddress": "127.0.0.1:%d", "certificate": "cert.pem", "privateKey": "key.pem",
                 "httpPort": %d, "tlsPort": %d, "ocspResponderURL": "", "externalAccountBindingRequired": false}}
                """.formatted(listen, management, httpPort, ports.get(2)));
        String dns = "127.0.0.1:" + ports.get(3);
        start(
                Map.of(),
                "pebble-challtestsrv",
                "-dns01",
                dns,
                "-http01",
                "",
                "-https01",
                "",
                "-tlsalpn01",
                "",
                "-management",
                "127.0.0.1:" + ports.get(4),
                "-defaultIPv4",
                "127.0.0.1",
                "-defaultIPv6",
                "");
        start(
                Map.of("PEBBLE_VA_NOSLEEP", "1", "PEBBLE_WFE_NONCEREJECT", "0"),
                "pebble",
                "-config",
                "config.json",
                "-dnsserver",
                dns);
        directory = "https://10.0.2.2:" + listen + "/dir";
        Eventually.until(
                "pebble answers", Duration.ofMinutes(1), () -> answers(listen) && answers(management), up -> up);
    }

    /** The root of what it issues, as a file. */
    Path root() throws Exception {
        Path file = folder.resolve("root.pem");
        Product.Said said = Product.run(
                folder,
                "",
                60,
                Map.of(),
                List.of("curl", "-sS", "-k", "-o", file.toString(), "https://127.0.0.1:" + management + "/roots/0"));
        assertThat(said.exit()).as(said.all()).isZero();
        return file;
    }

    private void start(Map<String, String> environment, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()));
        builder.environment().putAll(environment);
        processes.add(builder.start());
    }

    private boolean answers(int port) {
        assertThat(processes).as("see %s", folder.resolve("log")).allMatch(Process::isAlive);
        try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static List<Integer> freePorts(int number) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < number; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        for (Process process : processes) {
            process.destroy();
            process.waitFor();
        }
    }
}
