package dev.vmext.agent.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ControlSocketTest {
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();

    @TempDir
    Path temp;

    private Path file;
    private ControlSocket socket;

    @BeforeEach
    void listen() throws Exception {
        file = temp.resolve("run/control");
        socket = new ControlSocket(file, ControlSocketTest::answer, workers);
        workers.execute(socket::run);
    }

    @AfterEach
    void end() throws Exception {
        socket.close();
        workers.shutdownNow();
        assertThat(workers.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }

    private static String answer(String question) {
        if (question.equals("fault")) {
            throw new IllegalStateException("a mistake");
        }
        return "you asked " + question;
    }

    @Test
    void answersAWord() throws Exception {
        assertThat(ControlSocket.ask(file, "status")).isEqualTo("you asked status");
    }

    @Test
    void aCallerWhoSaysNothingKeepsNobodyWaiting() throws Exception {
        try (SocketChannel silent = SocketChannel.open(UnixDomainSocketAddress.of(file))) {
            assertThat(silent.isConnected()).isTrue();
            assertThat(ControlSocket.ask(file, "status")).isEqualTo("you asked status");
        }
    }

    @Test
    void aMistakeInOneAnswerDoesNotEndTheOthers() throws Exception {
        assertThat(ControlSocket.ask(file, "fault")).isEmpty();
        assertThat(ControlSocket.ask(file, "status")).isEqualTo("you asked status");
    }
}
