package dev.vmext.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.protocol.metrics.MetricKind;
import dev.vmext.protocol.metrics.OtlpMetrics;
import dev.vmext.protocol.metrics.Sample;
import dev.vmext.protocol.metrics.SeriesKey;
import dev.vmext.protocol.opamp.Bytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sender before a gateway that misbehaves by a script. */
class SenderTest {
    @TempDir
    private Path temp;

    private BatchFolder folder;
    private Gateway gateway;
    private Sender sender;
    private Thread thread;

    /** Answers by its script, then always 200; keeps the times of the samples it took with 200, in their order. */
    private static final class Gateway implements Uplink {
        private final Deque<Object> script = new ArrayDeque<>();
        private final List<Long> taken = new ArrayList<>();
        private final List<List<Long>> asked = new ArrayList<>();

        synchronized void willSay(Object... answers) {
            script.addAll(Arrays.asList(answers));
        }

        @Override
        public synchronized Said post(byte[] zipped) throws IOException {
            List<Long> times = new ArrayList<>();
            try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(zipped))) {
                OtlpMetrics.decode(in.readAllBytes(), OtlpMetrics.LIMITS)
                        .samples()
                        .forEach(sample -> times.add(sample.timeMillis()));
            }
            asked.add(times);
            Object answer = script.isEmpty() ? 200 : script.remove();
            notifyAll();
            if (answer instanceof IOException lost) {
                throw lost;
            }
            Said said = answer instanceof Said given ? given : new Said((Integer) answer, null, Bytes.EMPTY);
            if (said.status() == 200) {
                taken.addAll(times);
            }
            return said;
        }

        synchronized void awaitAsked(int count) throws InterruptedException {
            while (asked.size() < count) {
                wait();
            }
        }

        synchronized List<Long> taken() {
            return List.copyOf(taken);
        }
    }

    @BeforeEach
    void start() throws IOException {
        folder = new BatchFolder(temp.resolve("metrics"), 1 << 20, new Random(1));
        gateway = new Gateway();
        sender = sender(Duration.ofMillis(1));
        thread = start(sender);
    }

    private Sender sender(Duration longest) {
        return new Sender(
                folder,
                gateway,
                new Sender.Waits(Duration.ofMillis(1), Duration.ofMillis(1), longest),
                new Random(2),
                () -> {});
    }

    private static Thread start(Sender sender) {
        return Thread.ofVirtual().start(() -> {
            try {
                sender.run();
            } catch (InterruptedException ended) {
                // the test is over
            }
        });
    }

    @AfterEach
    void stop() throws InterruptedException {
        thread.interrupt();
        thread.join();
    }

    private void add(long... times) {
        for (long time : times) {
            folder.add(List.of(new Sample(SeriesKey.of("m"), MetricKind.GAUGE, time, 1)));
        }
        sender.added();
    }

    private void awaitEmpty() throws InterruptedException {
        while (!folder.isEmpty()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void nothingIsSentBeforeSomebodyTakesIt() throws InterruptedException {
        add(1, 2);
        assertThat(gateway.taken()).isEmpty();
        sender.open(true);
        awaitEmpty();
        assertThat(gateway.taken()).containsExactly(1L, 2L);
    }

    @Test
    void whatWaitsTravelsTogether() throws InterruptedException {
        add(1, 2, 3);
        sender.open(true);
        gateway.awaitAsked(1);
        assertThat(gateway.asked.getFirst()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void noAnswerAndTroubleOfTheGatewayAreWaitedOutInOrder() throws InterruptedException {
        gateway.willSay(
                new IOException("connection reset"),
                500,
                429,
                401,
                404,
                302,
                new Uplink.Said(503, Duration.ZERO, Bytes.EMPTY));
        add(1, 2);
        sender.open(true);
        gateway.awaitAsked(3);
        add(3);
        awaitEmpty();
        assertThat(gateway.taken()).containsExactly(1L, 2L, 3L);
        assertThat(folder.dropped()).isZero();
    }

    @Test
    void aLostAnswerMakesItSendTheSameAgain() throws InterruptedException {
        gateway.willSay(new IOException("the answer was lost"));
        add(1);
        sender.open(true);
        awaitEmpty();
        assertThat(gateway.asked).containsExactly(List.of(1L), List.of(1L));
    }

    @Test
    void oneBatchThatIsRefusedForGoodDoesNotHoldUpTheOthers() throws InterruptedException {
        gateway.willSay(400, 400, 200, 413);
        add(1, 2, 3);
        sender.open(true);
        awaitEmpty();
        assertThat(gateway.asked).startsWith(List.of(1L, 2L, 3L), List.of(1L), List.of(2L), List.of(3L));
        assertThat(gateway.taken()).containsExactly(2L);
        assertThat(folder.dropped()).isEqualTo(2);
    }

    @Test
    void theGatewaysWishIsObeyedUntilItCanBeReachedAgain() throws InterruptedException {
        gateway.willSay(new Uplink.Said(503, Duration.ofHours(9), Bytes.EMPTY));
        add(1);
        sender.open(true);
        gateway.awaitAsked(1);
        add(2); // news are no reason to come back sooner
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        assertThat(gateway.asked).hasSize(1);
        sender.connected();
        awaitEmpty();
        assertThat(gateway.taken()).containsExactly(1L, 2L);
    }

    @Test
    void answersThatAreNoOtlpDoNotMatter() throws InterruptedException {
        gateway.willSay(new Uplink.Said(200, null, Bytes.ofUtf8("<html>")));
        add(1);
        sender.open(true);
        awaitEmpty();
        assertThat(folder.dropped()).isZero();
    }

    @Test
    void whenMetricsAreTakenNoMoreTheyWait() throws InterruptedException {
        sender.open(true);
        add(1);
        awaitEmpty();
        sender.open(false);
        add(2);
        assertThat(folder.isEmpty()).isFalse();
        sender.open(true);
        awaitEmpty();
        assertThat(gateway.taken()).containsExactly(1L, 2L);
    }
}
