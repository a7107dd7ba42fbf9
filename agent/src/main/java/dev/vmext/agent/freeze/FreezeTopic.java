package dev.vmext.agent.freeze;

import dev.vmext.agent.link.Topic;
import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.freeze.FreezeAnswer;
import dev.vmext.protocol.freeze.FreezeMark;
import dev.vmext.protocol.freeze.FreezeRequest;
import dev.vmext.protocol.opamp.Bytes;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * The control plane has this machine hold still and let go. One at a time. Nothing here writes a log while something may be frozen: the
 * log lies on the disk. A connection that ends is as good as the word to let go. Thread-safe.
 */
public final class FreezeTopic implements Topic {
    private final Stillness stillness;
    private final Supplier<String> refusal;
    private final Executor workers;
    private final Runnable wake;
    private final Deque<Said> answers = new ArrayDeque<>();
    /** Empty while nothing is held. */
    private String held = "";

    private boolean holding;
    private long connection;

    /**
     * @param refusal why the owner of this machine does not want it, empty when he does
     * @param workers it takes seconds
     * @param wake tells the link that there is something to send
     */
    public FreezeTopic(Stillness stillness, Supplier<String> refusal, Executor workers, Runnable wake) {
        this.stillness = stillness;
        this.refusal = refusal;
        this.workers = workers;
        this.wake = wake;
    }

    @Override
    public String capability() {
        return CustomCapability.FREEZE;
    }

    @Override
    public synchronized void connected() {
        connection++;
        answers.clear();
        if (!held.isEmpty()) {
            String left = held;
            held = "";
            workers.execute(() -> {
                try {
                    stillness.release(left);
                } catch (IOException e) {
                    // Its watchdog lets go.
                    return;
                }
            });
        }
    }

    @Override
    public void heard(String type, byte[] data) {
        switch (type) {
            case CustomCapability.FREEZE_HOLD -> hold(FreezeRequest.decode(data));
            case CustomCapability.FREEZE_RELEASE -> release(FreezeMark.decode(data));
            default -> {
                // Of a newer control plane.
            }
        }
    }

    private void hold(FreezeRequest request) {
        long asked;
        synchronized (this) {
            asked = connection;
            if (holding || !held.isEmpty()) {
                answers.add(said(CustomCapability.FREEZE_HELD, request.id(), false, "it is held already"));
                wake.run();
                return;
            }
            holding = true;
        }
        workers.execute(() -> {
            Stillness.Outcome outcome;
            String no = refusal.get();
            try {
                outcome = no.isEmpty()
                        ? stillness.hold(request.id(), request.seconds())
                        : new Stillness.Outcome(false, no);
            } catch (IOException | RuntimeException e) {
                outcome = new Stillness.Outcome(false, String.valueOf(e.getMessage()));
            }
            boolean nobodyWaits;
            synchronized (this) {
                holding = false;
                nobodyWaits = asked != connection;
                if (!nobodyWaits) {
                    held = outcome.good() ? request.id() : "";
                    answers.add(said(CustomCapability.FREEZE_HELD, request.id(), outcome.good(), outcome.message()));
                }
            }
            if (nobodyWaits && outcome.good()) {
                releaseNow(request.id());
            }
            wake.run();
        });
    }

    private void release(FreezeMark mark) {
        long asked;
        synchronized (this) {
            asked = connection;
            if (held.equals(mark.id())) {
                held = "";
            }
        }
        workers.execute(() -> {
            Stillness.Outcome outcome = releaseNow(mark.id());
            synchronized (this) {
                if (asked == connection) {
                    answers.add(said(CustomCapability.FREEZE_RELEASED, mark.id(), outcome.good(), outcome.message()));
                }
            }
            wake.run();
        });
    }

    private Stillness.Outcome releaseNow(String id) {
        try {
            return stillness.release(id);
        } catch (IOException | RuntimeException e) {
            // Its watchdog lets go.
            return new Stillness.Outcome(false, String.valueOf(e.getMessage()));
        }
    }

    private static Said said(String type, String id, boolean good, String message) {
        return new Said(type, Bytes.of(new FreezeAnswer(id, good, message).encode()));
    }

    @Override
    public synchronized Optional<Said> next() {
        return Optional.ofNullable(answers.poll());
    }

    @Override
    public synchronized boolean busy() {
        return holding || !held.isEmpty() || !answers.isEmpty();
    }
}
