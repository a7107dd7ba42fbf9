package dev.vmext.certificates;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The ACME server pebble as Debian has it, with its DNS server, on free ports of the loopback. It checks names as a public one does. */
@SuppressWarnings("try") // close waits for processes, which a test run may interrupt
final class Pebble implements AutoCloseable {
    private final List<Process> processes = new ArrayList<>();
    private final int management;
    /** Where it looks for the answers to challenges. */
    final int httpPort;

    final String directory;
    /** Its own authority for HTTPS, PEM. */
    final String authority;

    Pebble(Path folder) throws Exception {
        Files.createDirectories(folder);
        List<Integer> ports = freePorts(5);
        int listen = ports.get(0);
        management = ports.get(1);
        httpPort = ports.get(2);
        int dns = ports.get(3);
        Path key = folder.resolve("key.pem");
        Path certificate = folder.resolve("cert.pem");
        start(
                folder,
                Map.of(),
                true,
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-keyout",
                key.toString(),
                "-out",
                certificate.toString(),
                "-days",
                "2",
                "-subj",
                "/CN=pebble",
                "-addext",
                "subjectAltName=IP:127.0.0.1");
        authority = Files.readString(certificate);
        Path config = Files.writeString(folder.resolve("config.json"), """
                {"pebble": {"listenAddress": "127.0.0.1:%d", "managementListenAddress": "127.0.0.1:%d", "certificate": "%s", "privateKey": "%s",
                 "httpPort": %d, "tlsPort": %d, "ocspResponderURL": "", "externalAccountBindingRequired": false}}
                """.formatted(
                        listen, management, certificate, key, httpPort, ports.get(4)));
        start(
                folder,
                Map.of(),
                false,
                "pebble-challtestsrv",
                "-dns01",
                "127.0.0.1:" + dns,
                "-http01",
                "",
                "-https01",
                "",
                "-tlsalpn01",
                "",
                "-management",
                "127.0.0.1:" + freePorts(1).getFirst(),
                "-defaultIPv4",
                "127.0.0.1",
                "-defaultIPv6",
                "");
        start(
                folder,
                Map.of("PEBBLE_VA_NOSLEEP", "1", "PEBBLE_WFE_NONCEREJECT", "0"),
                false,
                "pebble",
                "-config",
                config.toString(),
                "-dnsserver",
                "127.0.0.1:" + dns);
        directory = "https://127.0.0.1:" + listen + "/dir";
        awaitPort(listen);
        awaitPort(management);
    }

    /** The root of what it issues, PEM. */
    String root(Workshop shop) throws Exception {
        return shop.process(List.of("curl", "-sS", "-k", "https://127.0.0.1:" + management + "/roots/0"), "", Map.of())
                .out();
    }

    private void start(Path folder, Map<String, String> environment, boolean ends, String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()));
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!ends) {
            processes.add(process);
        } else if (process.waitFor() != 0) {
            throw new AssertionError(Files.readString(folder.resolve("log")));
        }
    }

    private void awaitPort(int port) throws IOException {
        while (processes.stream().allMatch(Process::isAlive)) {
            try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException e) {
                Thread.onSpinWait();
            }
        }
        throw new AssertionError("pebble has ended");
    }

    /** Ports that nobody has, all different. */
    static List<Integer> freePorts(int number) throws IOException {
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
