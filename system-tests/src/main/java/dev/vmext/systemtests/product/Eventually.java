package dev.vmext.systemtests.product;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Predicate;

/** Waits for the real world. Polls; a deadline only ends a wait that will never end, it is not what a test asserts. */
public final class Eventually {
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);

    private Eventually() {}

    /** Asks until the answer is as wanted, and returns it. */
    public static <T> T until(String what, Duration atMost, Callable<T> question, Predicate<T> wanted)
            throws Exception {
        long end = System.nanoTime() + atMost.toNanos();
        T last = question.call();
        while (!wanted.test(last)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within " + atMost.toSeconds() + " s: " + what + "; last seen: " + last);
            }
            Thread.sleep(LOOK_EVERY.toMillis());
            last = question.call();
        }
        return last;
    }
}
