package dev.vmext.server.metrics;

/**
 * A stretch of time in steps of one length. Steps begin at whole multiples of their length since 1970, so that two queries about the
 * same time have the same steps; step {@code i} is everything from {@code time(i)} on and before {@code time(i + 1)}.
 *
 * @param fromMillis start of the first step
 * @param stepMillis at least 1
 * @param steps 1 to {@value #MAX_STEPS}
 */
public record Window(long fromMillis, long stepMillis, int steps) {
    public static final int MAX_STEPS = 11_000;

    public Window {
        if (stepMillis < 1 || steps < 1 || steps > MAX_STEPS || fromMillis < 0 || fromMillis % stepMillis != 0) {
            throw new IllegalArgumentException(
                    "no window: from " + fromMillis + ", " + steps + " steps of " + stepMillis + " ms");
        }
    }

    /** The window of all steps that hold a moment from {@code from} on and before {@code to}. */
    public static Window of(long fromMillis, long toMillis, long stepMillis) {
        long first = Math.floorDiv(fromMillis, stepMillis) * stepMillis;
        long steps = Math.max(1, Math.ceilDiv(toMillis - first, stepMillis));
        return new Window(first, stepMillis, Math.toIntExact(Math.min(steps, Integer.MAX_VALUE)));
    }

    public long time(int step) {
        return fromMillis + step * stepMillis;
    }

    /** The end, not part of it. */
    public long toMillis() {
        return time(steps);
    }

    /** The step of a moment; below 0 or from {@code steps} on when it lies outside. */
    public int step(long timeMillis) {
        long step = Math.floorDiv(timeMillis - fromMillis, stepMillis);
        return Math.clamp(step, -1, steps);
    }
}
