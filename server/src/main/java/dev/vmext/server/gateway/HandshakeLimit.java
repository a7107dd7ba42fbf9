package dev.vmext.server.gateway;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How many connections one address may begin: a burst, refilled at a steady rate. A handshake costs milliseconds of a core, so one
 * address must not be able to take all of them. Remembers only so many addresses, the ones seen last. Thread-safe.
 */
final class HandshakeLimit {
    private static final int ADDRESSES = 16_384;

    private final int burst;
    private final double perSecond;
    private final InstantSource clock;
    /** Guarded by this. */
    private final Map<InetAddress, Bucket> buckets = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<InetAddress, Bucket> eldest) {
            return size() > ADDRESSES;
        }
    };

    private record Bucket(double left, Instant at) {}

    HandshakeLimit(int burst, double perSecond, InstantSource clock) {
        this.burst = burst;
        this.perSecond = perSecond;
        this.clock = clock;
    }

    /** Whether another connection of this address may begin now. */
    synchronized boolean admits(InetAddress address) {
        Instant now = clock.instant();
        Bucket before = buckets.getOrDefault(address, new Bucket(burst, now));
        double since = Math.max(0, Duration.between(before.at(), now).toMillis() / 1000.0);
        double left = Math.min(burst, before.left() + since * perSecond);
        boolean admitted = left >= 1;
        buckets.put(address, new Bucket(admitted ? left - 1 : left, now));
        return admitted;
    }
}
