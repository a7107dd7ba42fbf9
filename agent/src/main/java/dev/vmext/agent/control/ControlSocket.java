package dev.vmext.agent.control;

import dev.vmext.agent.config.Places;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/**
 * Answers questions of one word over a local socket. The folder it lies in may be entered by the agent's user alone: that is the whole
 * access rule, and the only one that the kernel lets Java check. One thread runs {@link #run}.
 */
public final class ControlSocket implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ControlSocket.class.getName());
    private static final int MAX_QUESTION = 256;
    private static final int MAX_ANSWER = 1 << 20;

    private final Path file;
    private final ServerSocketChannel server;
    private final UnaryOperator<String> answers;

    /**
     * Begins to listen.
     *
     * @param answers question to answer, both text; must not take long
     */
    public ControlSocket(Path file, UnaryOperator<String> answers) throws IOException {
        this.file = file;
        this.answers = answers;
        Places.makePrivate(file.resolveSibling(""));
        Files.deleteIfExists(file);
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(file));
    }

    /** Answers one caller after the other until closed. */
    public void run() {
        while (server.isOpen()) {
            try (SocketChannel caller = server.accept()) {
                ByteBuffer question = ByteBuffer.allocate(MAX_QUESTION);
                while (question.hasRemaining() && caller.read(question) >= 0) {
                    if (question.position() > 0 && question.get(question.position() - 1) == '\n') {
                        break;
                    }
                }
                question.flip();
                String word = StandardCharsets.UTF_8.decode(question).toString().strip();
                ByteBuffer answer = StandardCharsets.UTF_8.encode(answers.apply(word));
                while (answer.hasRemaining()) {
                    caller.write(answer);
                }
            } catch (IOException e) {
                if (server.isOpen()) {
                    LOG.log(System.Logger.Level.WARNING, "A caller got no answer, ignoring: {0}", e.getMessage());
                }
            }
        }
    }

    /** Asks the running agent. */
    public static String ask(Path file, String question) throws IOException {
        try (SocketChannel agent = SocketChannel.open(UnixDomainSocketAddress.of(file))) {
            agent.write(StandardCharsets.UTF_8.encode(question + "\n"));
            ByteBuffer answer = ByteBuffer.allocate(MAX_ANSWER);
            while (answer.hasRemaining() && agent.read(answer) >= 0) {
                // until the agent closes
            }
            return StandardCharsets.UTF_8.decode(answer.flip()).toString();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(file);
    }
}
