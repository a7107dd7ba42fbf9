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
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;

/**
 * Answers questions of one word over a local socket. The folder it lies in may be entered by the agent's user alone: that is the whole
 * access rule, and the only one that the kernel lets Java check. One thread runs {@link #run}.
 */
public final class ControlSocket implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ControlSocket.class.getName());
    private static final int MAX_QUESTION = 256;
    private static final int MAX_ANSWER = 1 << 20;
    /** In a row; then something is wrong that trying again does not mend. */
    private static final int MOST_FAILURES = 100;

    private final Path file;
    private final ServerSocketChannel server;
    private final UnaryOperator<String> answers;
    private final Executor workers;

    /**
     * Begins to listen.
     *
     * @param answers question to answer, both text; called by several workers at a time
     */
    public ControlSocket(Path file, UnaryOperator<String> answers, Executor workers) throws IOException {
        this.file = file;
        this.answers = answers;
        this.workers = workers;
        Places.makePrivate(file.resolveSibling(""));
        Files.deleteIfExists(file);
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(file));
    }

    /** Takes callers until closed. Each is answered by a worker: one that says nothing must not keep the others waiting. */
    public void run() {
        int failures = 0;
        while (server.isOpen() && failures < MOST_FAILURES) {
            try {
                SocketChannel caller = server.accept();
                failures = 0;
                workers.execute(() -> serve(caller));
            } catch (IOException e) {
                failures++;
                if (server.isOpen()) {
                    LOG.log(System.Logger.Level.WARNING, "No caller could be taken: {0}", e.getMessage());
                }
            }
        }
        if (server.isOpen()) {
            LOG.log(System.Logger.Level.ERROR, "The control socket takes no callers any more; restart the agent");
        }
    }

    private void serve(SocketChannel connected) {
        try (SocketChannel caller = connected) {
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
        } catch (IOException | RuntimeException e) {
            if (server.isOpen()) {
                LOG.log(System.Logger.Level.WARNING, "A caller got no answer, ignoring: " + e);
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
