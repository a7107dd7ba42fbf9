package dev.vmext.systemtests.vm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Api;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The network as others see the machine: ports of the host that lead to ports of the machine, opened at its emulator. What the machine
 * drops is never answered here.
 */
final class Outside {
    private final Path monitor;
    private final Map<Integer, Integer> ports = new HashMap<>();

    /**
     * Looks at one machine.
     *
     * @param monitor the socket on which its emulator speaks QMP
     */
    Outside(Path monitor) {
        this.monitor = monitor;
    }

    /** Whether a service on that port of the machine greets who connects, within a few seconds. */
    boolean reaches(int port) throws IOException {
        // The emulator accepts at once, whatever the machine does; only what the service says comes from the machine.
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port(port)), 5000);
            socket.setSoTimeout(5000);
            InputStream in = socket.getInputStream();
            return in.read() >= 0;
        } catch (java.net.SocketTimeoutException | java.net.SocketException e) {
            return false;
        }
    }

    /** The port of the host's loopback that leads to that one of the machine. */
    int port(int port) throws IOException {
        Integer known = ports.get(port);
        if (known != null) {
            return known;
        }
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        command("hostfwd_add net tcp:127.0.0.1:" + free + "-:" + port);
        ports.put(port, free);
        return free;
    }

    /** Takes the ways in away again. */
    void close() throws IOException {
        for (int port : ports.values()) {
            command("hostfwd_remove net tcp:127.0.0.1:" + port);
        }
        ports.clear();
    }

    private void command(String line) throws IOException {
        // Linux keeps 108 bytes for the path of a socket, and the working copy may lie deep: a link leads around it.
        Path link = Files.createTempDirectory("vmext-qmp").resolve("m");
        Files.createSymbolicLink(link, monitor.toAbsolutePath());
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(link));
            answer(channel, "QMP");
            say(channel, "{\"execute\": \"qmp_capabilities\"}");
            answer(channel, "return");
            say(
                    channel,
                    "{\"execute\": \"human-monitor-command\", \"arguments\": {\"command-line\": \"" + line + "\"}}");
            String said = answer(channel, "return").path("return").asText().strip();
            if (!said.isEmpty() && !said.endsWith(" removed")) {
                throw new IOException("the emulator said to " + line + ": " + said);
            }
        } finally {
            Files.delete(link);
            Files.delete(link.getParent());
        }
    }

    private static void say(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Reads lines until one has this field; events come in between. */
    private static JsonNode answer(SocketChannel channel, String field) throws IOException {
        StringBuilder line = new StringBuilder();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (channel.read(one.clear()) == 1) {
            char c = (char) one.get(0);
            if (c != '\n') {
                line.append(c);
                continue;
            }
            JsonNode json = Api.JSON.readTree(line.toString());
            if (json.has("error")) {
                throw new IOException("the emulator said " + json);
            }
            if (json.has(field)) {
                return json;
            }
            line.setLength(0);
        }
        throw new IOException("the emulator hung up");
    }
}
