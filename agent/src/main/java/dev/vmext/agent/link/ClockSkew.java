package dev.vmext.agent.link;

import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.link.ClockReading;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How far this machine's clock is from the control plane's ({@code vmext.clock/v1}). What the two must agree on, the age of a
 * certificate, is judged by the control plane's time; everything else goes on by this machine's. Used by the link's thread.
 */
final class ClockSkew implements Topic {
    private static final System.Logger LOG = System.getLogger(ClockSkew.class.getName());
    /** Less than this is the network's delay, or does no harm. */
    private static final Duration MATTERS = Duration.ofMinutes(1);

    static final String FACT = "clockSkewSeconds";

    private final InstantSource clock;
    private Duration skew = Duration.ZERO;
    private boolean news;

    ClockSkew(InstantSource clock) {
        this.clock = clock;
    }

    /** What time it is for the control plane. */
    Instant theirTime() {
        return clock.instant().plus(skew);
    }

    /** The facts, with the skew when there is one that matters: positive when this machine is ahead. */
    Map<String, String> with(Map<String, String> facts) {
        news = false;
        if (skew.abs().compareTo(MATTERS) < 0) {
            return facts;
        }
        Map<String, String> more = new HashMap<>(facts);
        more.put(FACT, Long.toString(skew.negated().toSeconds()));
        return more;
    }

    /** Whether the facts told last are out of date. */
    boolean news() {
        return news;
    }

    @Override
    public String capability() {
        return CustomCapability.CLOCK;
    }

    @Override
    public void connected() {
        // the new connection tells the time itself
    }

    @Override
    public void heard(String type, byte[] data) {
        if (type.equals(CustomCapability.CLOCK_NOW)) {
            Duration now =
                    Duration.between(clock.instant(), ClockReading.decode(data).now());
            boolean mattered = skew.abs().compareTo(MATTERS) >= 0;
            boolean matters = now.abs().compareTo(MATTERS) >= 0;
            news = mattered != matters || now.minus(skew).abs().compareTo(MATTERS) >= 0;
            skew = matters ? now : Duration.ZERO;
            if (matters) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "This machine's clock is {0} seconds {1} the control plane's; set it",
                        now.abs().toSeconds(),
                        now.isNegative() ? "ahead of" : "behind");
            }
        }
    }

    @Override
    public Optional<Said> next() {
        return Optional.empty();
    }

    @Override
    public boolean busy() {
        return false;
    }
}
