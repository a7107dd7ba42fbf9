package dev.vmext.fleet;

import dev.vmext.protocol.finding.FindingSeverity;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who is sent events, as it is remembered.
 *
 * @param sealedSecret under the master key, bound to the id
 * @param revision see {@link FleetChange}
 */
public record Webhook(
        String id,
        String project,
        String name,
        String url,
        Filter filter,
        String sealedSecret,
        String createdBy,
        Instant createdAt,
        Health health,
        long revision) {
    /** What sealed secrets are bound to, besides the id. */
    public static final String SEALED_FOR = "webhook";

    public Webhook {
        Objects.requireNonNull(filter);
        Objects.requireNonNull(health);
    }

    /** Which events; empty sets are all. */
    public record Filter(Set<FindingEvent> events, Set<String> types, FindingSeverity severity) {
        public Filter {
            events = Set.copyOf(events);
            types = Set.copyOf(types);
        }

        boolean wantsAlerts(FindingSeverity of) {
            return (events.isEmpty() || events.contains(FindingEvent.ALERTS))
                    && (types.isEmpty() || types.contains(AlertFindings.TYPE))
                    && of.compareTo(severity) >= 0;
        }

        boolean wants(FindingEvent event, Finding finding) {
            return (events.isEmpty() || events.contains(event))
                    && (types.isEmpty() || types.contains(finding.key().type()))
                    && finding.content().severity().compareTo(severity) >= 0;
        }
    }

    /**
     * How its receiver is.
     *
     * @param failures in a row, of the receiver as a whole
     * @param retryAt nothing is sent before; null when nothing holds
     * @param lost messages that were given up
     */
    public record Health(
            @Nullable Instant lastDelivered,
            @Nullable Instant failingSince,
            int failures,
            @Nullable Instant retryAt,
            @Nullable String lastError,
            long lost) {
        static final Health NEW = new Health(null, null, 0, null, null, 0);

        Health delivered(Instant now) {
            return new Health(now, null, 0, null, null, lost);
        }

        Health failed(String why, @Nullable Instant nextTry, Instant now) {
            return new Health(
                    lastDelivered,
                    failingSince == null ? now : failingSince,
                    nextTry == null ? failures : failures + 1,
                    nextTry == null ? retryAt : nextTry,
                    why,
                    lost);
        }

        Health losing(long more) {
            return new Health(lastDelivered, failingSince, failures, retryAt, lastError, lost + more);
        }
    }

    /** After so many failures in a row. */
    static Duration pause(int failures) {
        return switch (failures) {
            case 0, 1 -> Duration.ofSeconds(5);
            case 2 -> Duration.ofSeconds(30);
            case 3 -> Duration.ofMinutes(2);
            case 4 -> Duration.ofMinutes(10);
            case 5 -> Duration.ofMinutes(30);
            default -> Duration.ofHours(1);
        };
    }

    Webhook with(Health next) {
        return new Webhook(id, project, name, url, filter, sealedSecret, createdBy, createdAt, next, revision);
    }

    /** As a store gives it back. */
    public Webhook stored(long newRevision) {
        return new Webhook(id, project, name, url, filter, sealedSecret, createdBy, createdAt, health, newRevision);
    }

    @Override
    public String toString() {
        return "Webhook[" + name + ", " + url + "]";
    }
}
