package dev.vmext.server.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One conversation with a QEMU over its control socket (QMP: a JSON object a line). QEMU serves one client at a time, so a
 * conversation is short, and every answer has a deadline because a second client would wait without any sign. Used by one
 * thread.
 */
final class QmpClient implements AutoCloseable {
    /** QEMU understood and said no. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    private static final ObjectMapper JSON = new ObjectMapper();
    /** Linux keeps 108 bytes for the path of a UNIX socket. */
    private static final int LONGEST_SOCKET_PATH = 100;

    private static final Duration GREETING = Duration.ofSeconds(10);

    private final SocketChannel channel;
    private final Selector selector;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final ByteBuffer input = ByteBuffer.allocate(16 * 1024).flip();
    private final @Nullable Path shortcut;
    private int lastId;

    private QmpClient(SocketChannel channel, Selector selector, @Nullable Path shortcut) {
        this.channel = channel;
        this.selector = selector;
        this.shortcut = shortcut;
    }

    static QmpClient connect(Path socket) throws IOException {
        Path shortcut = null;
        Path address = socket;
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_SOCKET_PATH) {
            // The limit is on the text, not on where it leads: a link in a short private folder gets around it.
            shortcut = Files.createTempDirectory("vmext-qmp");
            address = Files.createSymbolicLink(shortcut.resolve("m"), socket.getParent())
                    .resolve(String.valueOf(socket.getFileName()));
        }
        SocketChannel channel = null;
        Selector selector = null;
        try {
            channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(address));
            channel.configureBlocking(false);
            selector = Selector.open();
            channel.register(selector, SelectionKey.OP_READ);
            QmpClient client = new QmpClient(channel, selector, shortcut);
            JsonNode greeting = client.read(System.nanoTime() + GREETING.toNanos());
            if (!greeting.has("QMP")) {
                throw new IOException("not a QMP socket: " + socket);
            }
            client.execute("qmp_capabilities", Map.of(), GREETING);
            return client;
        } catch (IOException | RuntimeException e) {
            closeAll(channel, selector, shortcut);
            throw e;
        }
    }

    JsonNode execute(String command, Map<String, ?> arguments, Duration deadline) throws IOException {
        int id = ++lastId;
        ObjectNode request = JSON.createObjectNode().put("execute", command).put("id", id);
        if (!arguments.isEmpty()) {
            request.set("arguments", JSON.valueToTree(arguments));
        }
        write(ByteBuffer.wrap((JSON.writeValueAsString(request) + "\n").getBytes(StandardCharsets.UTF_8)));
        long until = System.nanoTime() + deadline.toNanos();
        while (true) {
            JsonNode answer = read(until);
            if (answer.path("id").asInt(-1) != id) {
                continue; // An event, which nobody asked for.
            }
            JsonNode error = answer.get("error");
            if (error != null) {
                throw new Refused(error.path("desc").asText(error.toString()));
            }
            return answer.path("return");
        }
    }

    /** A command of QEMU's human monitor; what it prints is the answer, and when it has nothing to say all went well. */
    String human(String command, Duration deadline) throws IOException {
        return execute("human-monitor-command", Map.of("command-line", command), deadline)
                .asText("")
                .strip();
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (channel.write(bytes) == 0) {
                Thread.onSpinWait(); // Requests are far smaller than a socket's buffer: this does not happen twice.
            }
        }
    }

    private JsonNode read(long until) throws IOException {
        while (true) {
            Optional<String> next = nextLine();
            if (next.isPresent()) {
                return JSON.readTree(next.get());
            }
            long left = (until - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new SocketTimeoutException("QEMU did not answer in time");
            }
            selector.select(left);
            selector.selectedKeys().clear();
            input.clear();
            int count = channel.read(input);
            input.flip();
            if (count < 0) {
                throw new EOFException("QEMU closed the conversation");
            }
        }
    }

    private Optional<String> nextLine() {
        while (input.hasRemaining()) {
            byte next = input.get();
            if (next == '\n') {
                String text = line.toString(StandardCharsets.UTF_8).strip();
                line.reset();
                if (!text.isEmpty()) {
                    return Optional.of(text);
                }
            } else {
                line.write(next);
            }
        }
        return Optional.empty();
    }

    @Override
    public void close() throws IOException {
        closeAll(channel, selector, shortcut);
    }

    private static void closeAll(@Nullable SocketChannel channel, @Nullable Selector selector, @Nullable Path shortcut)
            throws IOException {
        if (selector != null) {
            selector.close();
        }
        if (channel != null) {
            channel.close();
        }
        if (shortcut != null) {
            Folders.delete(shortcut);
        }
    }
}
