package dev.vmext.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.MessageLimits;
import dev.vmext.protocol.opamp.OpampCodec;
import dev.vmext.protocol.opamp.RetryInfo;
import dev.vmext.protocol.opamp.ServerErrorResponse;
import dev.vmext.protocol.opamp.ServerErrorType;
import dev.vmext.protocol.opamp.ServerToAgent;
import dev.vmext.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What must not keep a machine from its control plane: mistakes of our own, and a clock that somebody set; and what must: its wish. */
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

    /** Times of the first connection and of the one after it, in nanoseconds; the first goes as told, the second ends the link. */
    private List<Long> twoConnections(InstantSource time, Transport first) throws Exception {
        List<Long> at = new ArrayList<>();
        AtomicReference<ServerLink> self = new AtomicReference<>();
        ServerLink link = new ServerLink(
                parts(),
                (gateway, identity, token, receiver) -> {
                    at.add(System.nanoTime());
                    if (at.size() == 1) {
                        return first.open(gateway, identity, token, receiver);
                    }
                    // From elsewhere, as a shutdown does: this thread empties the queue that may be full.
                    Thread.ofVirtual().start(self.get()::stop);
                    throw new IOException("enough");
                },
                new GatewayChoice(List.of("gateway:1")),
                new ServerLink.World(time, duration -> {}, SMALL, 1),
                (path, into, size, atMost) -> {
                    throw new IOException("nothing to fetch");
                });
        self.set(link);
        link.run();
        return at;
    }

    /** By itself it would come back after ten milliseconds. */
    @Test
    void aGatewayThatRefusesIsLeftAloneAsLongAsItAsks() throws Exception {
        List<Long> at = twoConnections(clock, (gateway, identity, token, receiver) -> {
            throw new Refusal(503, "too many at once", Duration.ofSeconds(1));
        });
        assertThat(Duration.ofNanos(at.get(1) - at.get(0))).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aGatewayThatIsBusyInTheMiddleOfAConversationIsLeftAloneAsLongAsItAsks() throws Exception {
        byte[] busy = new OpampCodec(MessageLimits.STANDARD)
                .encodeFrame(ServerToAgent.builder(Bytes.ofUuid(new UUID(7, 7)))
                        .errorResponse(new ServerErrorResponse(
                                ServerErrorType.UNAVAILABLE,
                                "the store is slow",
                                new RetryInfo(Duration.ofSeconds(1).toNanos())))
                        .build());
        AtomicBoolean told = new AtomicBoolean();
        List<Long> at = twoConnections(clock, (gateway, identity, token, receiver) -> new Connection() {
            @Override
            public void send(byte[] frame) {
                if (told.compareAndSet(false, true)) {
                    receiver.message(busy);
                }
            }

            @Override
            public void close() {}

            @Override
            public void abort() {}
        });
        assertThat(Duration.ofNanos(at.get(1) - at.get(0))).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    }

    /** There is always something to look at while it waits, and the clock goes back by ten years. */
    @Test
    void aClockThatIsSetBackWhileItWaitsDoesNotMakeItWaitLonger() throws Exception {
        AtomicBoolean waiting = new AtomicBoolean(true);
        AtomicReference<Thread> other = new AtomicReference<>();
        AtomicInteger looks = new AtomicInteger();
        InstantSource corrected = () -> {
            int look = looks.getAndIncrement();
            return look == 0
                    ? clock.instant()
                    : clock.instant().minus(Duration.ofDays(3650)).plusMillis(look);
        };
        try {
            twoConnections(corrected, (gateway, identity, token, receiver) -> {
                other.set(Thread.ofPlatform().daemon().start(() -> {
                    while (waiting.get()) {
                        receiver.more();
                    }
                }));
                throw new Refusal(503, "too many at once", Duration.ofSeconds(1));
            });
        } finally {
            waiting.set(false);
            other.get().interrupt(); // the link has gone, and its queue may be full
            other.get().join();
        }
        assertThat(looks.get()).as("it waited its second, by this clock").isGreaterThan(1000);
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
