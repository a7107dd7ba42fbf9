package dev.vmext.agent.metrics;

import dev.vmext.protocol.metrics.OtlpMetrics;
import dev.vmext.protocol.opamp.MalformedMessageException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Sends what waits in the {@link BatchFolder}, in its order, one request at a time, and removes what the gateway has. A request whose answer was
 * lost is sent again: whoever stores samples ignores those that it has. One thread runs {@link #run}; the others leave notes.
 */
final class Sender {
    /**
     * How long it waits.
     *
     * @param gather after something came, so that what comes at the same time travels together
     * @param first after a failure, a random part of it; doubles with every further one
     * @param longest wait
     */
    record Waits(Duration gather, Duration first, Duration longest) {
        static final Waits USUAL = new Waits(Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofMinutes(5));
    }

    private static final System.Logger LOG = System.getLogger(Sender.class.getName());
    /** A wrong number must not silence a machine for ever. */
    private static final Duration LONGEST_WISH = Duration.ofHours(1);
    /** In one request: a megabyte or so before it is zipped. */
    private static final int MAX_SAMPLES = 4000;

    private static final int OK = 200;
    private static final int TOO_LARGE = 413;

    private final BatchFolder folder;
    private final Uplink uplink;
    private final Waits waits;
    private final RandomGenerator random;
    private final Runnable gather;
    private boolean news;
    private boolean hurry;
    private boolean open;
    private int failures;
    private int atMost = MAX_SAMPLES;
    private boolean told;

    /**
     * Sends nothing yet.
     *
     * @param gather puts what is not on the disk yet there; called before every round
     */
    Sender(BatchFolder folder, Uplink uplink, Waits waits, RandomGenerator random, Runnable gather) {
        this.folder = folder;
        this.uplink = uplink;
        this.waits = waits;
        this.random = random;
        this.gather = gather;
    }

    /** Something is there to be sent. */
    synchronized void added() {
        news = true;
        notifyAll();
    }

    /** The control plane takes metrics, or does not any more: then they wait. */
    synchronized void open(boolean taken) {
        open = taken;
        notifyAll();
    }

    /** The gateway can be reached again: no use to wait any longer. */
    synchronized void connected() {
        hurry = true;
        notifyAll();
    }

    /** Sends until it is interrupted. */
    void run() throws InterruptedException {
        while (true) {
            awaitWork();
            rest(waits.gather(), false);
            gather.run();
            drain();
        }
    }

    private synchronized void awaitWork() throws InterruptedException {
        while (!open || !(news || !folder.isEmpty())) {
            wait();
        }
        news = false;
    }

    /** Returns after this time, or when somebody has a reason to hurry. */
    private synchronized void rest(Duration duration, boolean mayHurry) throws InterruptedException {
        long until = System.nanoTime() + duration.toNanos();
        hurry = mayHurry && hurry;
        for (long left = duration.toNanos(); left > 0 && !(mayHurry && hurry); left = until - System.nanoTime()) {
            wait(Math.max(1, left / 1_000_000));
        }
        hurry = false;
    }

    private synchronized boolean isOpen() {
        return open;
    }

    private void drain() throws InterruptedException {
        while (isOpen() && !folder.isEmpty()) {
            Duration wait;
            try {
                wait = once();
            } catch (IOException failed) {
                wait = backoff(null);
                failed("cannot send metrics: " + failed.getMessage());
            }
            if (!wait.isZero()) {
                rest(wait, true);
            }
        }
    }

    /** Answers how long to wait before the next request. */
    private Duration once() throws IOException, InterruptedException {
        List<BatchFolder.Pending> batches = folder.oldest(atMost);
        byte[] request = folder.request(batches);
        if (request.length == 0) {
            return Duration.ZERO;
        }
        Uplink.Said said = uplink.post(request);
        if (said.status() == OK) {
            folder.sent(batches);
            succeeded(said);
            return Duration.ZERO;
        }
        if (said.status() == TOO_LARGE || unusable(said.status())) {
            if (batches.size() > 1) {
                // One of them is the reason: they go one by one until it is found.
                atMost = 1;
                return Duration.ZERO;
            }
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The gateway refuses {0} samples for good ({1}), dropping and counting them",
                    batches.getFirst().samples(),
                    said.status());
            folder.lost(batches);
            return Duration.ZERO;
        }
        failed("the gateway does not take metrics now, it answers " + said.status());
        return backoff(said.retryAfter());
    }

    /** Whether this very request will never be taken, rather than its sender or its time being wrong. */
    private static boolean unusable(int status) {
        return status == 400 || status == 415 || status == 422;
    }

    private void succeeded(Uplink.Said said) {
        if (told) {
            LOG.log(System.Logger.Level.INFO, "Metrics are sent again");
        }
        told = false;
        failures = 0;
        atMost = MAX_SAMPLES;
        try {
            OtlpMetrics.Answer answer = OtlpMetrics.decodeAnswer(said.body().toArray());
            if (answer.rejectedPoints() > 0) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "The gateway did not take {0} samples: {1}",
                        answer.rejectedPoints(),
                        answer.reason());
            }
        } catch (MalformedMessageException notOtlp) {
            LOG.log(System.Logger.Level.DEBUG, "The answer to metrics is no OTLP, ignoring: {0}", notOtlp.getMessage());
        }
    }

    private void failed(String why) {
        if (!told) {
            LOG.log(System.Logger.Level.INFO, "{0}; they are kept and sent later", why);
        }
        told = true;
    }

    private Duration backoff(@Nullable Duration wish) {
        if (wish != null) {
            Duration obeyed = wish.compareTo(LONGEST_WISH) < 0 ? wish : LONGEST_WISH;
            return obeyed.plusMillis(1 + Math.round(obeyed.toMillis() * 0.25 * random.nextDouble()));
        }
        Duration limit = waits.first();
        for (int i = 0; i < failures && limit.compareTo(waits.longest()) < 0; i++) {
            limit = limit.multipliedBy(2);
        }
        failures++;
        Duration capped = limit.compareTo(waits.longest()) < 0 ? limit : waits.longest();
        return Duration.ofMillis(1 + Math.round(capped.toMillis() * random.nextDouble()));
    }
}
