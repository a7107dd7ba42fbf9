package dev.vmext.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What must not keep a machine from its control plane: mistakes of our own, and a clock that somebody set. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LinkFaultTest {
    /** Always one hundredth: the link comes back after milliseconds. */
    private static final RandomGenerator SMALL = () -> Long.MAX_VALUE / 50;

    private final ManualClock clock = ManualClock.atNewYear();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger aborted = new AtomicInteger();
    private final AtomicReference<Runnable> onFacts = new AtomicReference<>(() -> {});

    @TempDir
    Path temp;

    private LinkParts parts() throws IOException {
        return new LinkParts(
                new IdentityStore(temp), new Outgoing(), new Quiet(), new Machine(), clock, new UUID(1, 2));
    }

    @Test
    void aMistakeEndsTheConnectionAndNotTheLink() throws Exception {
        ServerLink link = new ServerLink(
                parts(),
                (gateway, identity, token, receiver) -> {
                    opened.incrementAndGet();
                    return new Gone();
                },
                new GatewayChoice(List.of("gateway:1")),
                new ServerLink.World(clock, duration -> {}, SMALL, 1),
                (path, into, size, atMost) -> {
                    throw new IOException("nothing to fetch");
                });
        onFacts.set(() -> {
            if (opened.get() > 2) {
                link.stop();
            }
            throw new IllegalStateException("a mistake");
        });
        link.run();
        assertThat(opened).hasValueGreaterThan(2);
        assertThat(aborted).hasValue(opened.get());
        assertThat(link.describe()).contains("a mistake");
    }

    @Test
    void silenceIsNoticedAlsoAfterTheClockWasSetBack() throws Exception {
        Duration heartbeat = Duration.ofSeconds(30);
        Session session = new Session(parts(), "gateway:4320", new Gone(), null, heartbeat);
        clock.set(clock.instant().minus(Duration.ofDays(1)));
        assertThat(session.untilNext()).isLessThanOrEqualTo(heartbeat);
        assertThat(session.silent()).isFalse();
        clock.advance(heartbeat.multipliedBy(3));
        assertThat(session.silent()).isTrue();
    }

    private final class Gone implements Connection {
        @Override
        public void send(byte[] frame) throws IOException {
            throw new IOException("the gateway is gone");
        }

        @Override
        public void close() {}

        @Override
        public void abort() {
            aborted.incrementAndGet();
        }
    }

    private final class Machine implements LinkSources {
        @Override
        public Map<String, String> facts() {
            onFacts.get().run();
            return Map.of();
        }

        @Override
        public Optional<String> token() {
            return Optional.of("token");
        }

        @Override
        public void enrolled() {}

        @Override
        public LogTail log(int bytes) {
            return new LogTail("", false);
        }
    }

    private static final class Quiet implements LinkListener {
        @Override
        public void connected() {}

        @Override
        public void goal(GoalOffer offer) {}

        @Override
        public void statusesWanted() {}
    }
}
