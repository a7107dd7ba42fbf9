package dev.vmext.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FallbackTransportTest {
    private static final Transport.Receiver NOBODY = new Transport.Receiver() {
        @Override
        public void message(byte[] frame) {}

        @Override
        public void more() {}

        @Override
        public void closed(IOException why) {}
    };

    private final List<String> opened = new ArrayList<>();
    private @Nullable IOException webSockets;
    private final FallbackTransport transport = new FallbackTransport(
            (gateway, identity, token, receiver) -> {
                opened.add("ws");
                if (webSockets != null) {
                    throw webSockets;
                }
                return new Silent();
            },
            (gateway, identity, token, receiver) -> {
                opened.add("poll");
                return new Silent();
            });

    private void open() throws Exception {
        try {
            transport.open("gateway:1", Optional.empty(), Optional.empty(), NOBODY);
        } catch (IOException expected) {
            assertThat(expected).isSameAs(webSockets);
        }
    }

    private void open(int times) throws Exception {
        for (int i = 0; i < times; i++) {
            open();
        }
    }

    @Test
    void pollsAfterThreeUpgradesThatDidNotGetThroughAndTriesAgainEachTimeTheConnectionIsWorn() throws Exception {
        webSockets = new FallbackTransport.NoWebSocket("404", new IOException());
        open(6);
        assertThat(opened).containsExactly("ws", "ws", "ws", "poll", "ws", "poll");
        webSockets = null;
        open(2);
        assertThat(opened.subList(6, 8)).containsExactly("ws", "ws");
    }

    @Test
    void aNetworkThatIsDownProvesNothing() throws Exception {
        webSockets = new IOException("connection refused");
        open(10);
        assertThat(opened).doesNotContain("poll");
    }

    @Test
    void aSuccessStartsTheCountAnew() throws Exception {
        webSockets = new FallbackTransport.NoWebSocket("404", new IOException());
        open(2);
        webSockets = null;
        open();
        webSockets = new FallbackTransport.NoWebSocket("404", new IOException());
        open(2);
        assertThat(opened).doesNotContain("poll");
    }

    private static final class Silent implements Connection {
        @Override
        public void send(byte[] frame) {}

        @Override
        public void close() {}

        @Override
        public void abort() {}
    }
}
