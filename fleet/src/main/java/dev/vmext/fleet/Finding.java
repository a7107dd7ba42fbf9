package dev.vmext.fleet;

import dev.vmext.protocol.api.FindingView;
import dev.vmext.protocol.finding.FindingSeverity;
import dev.vmext.protocol.finding.FindingState;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Something that was detected, as it is remembered. It outlives the installation and the machine it is about, resolved, until its
 * retention is over.
 *
 * @param machine name of the machine, empty when it is about none
 * @param extension what found it, empty when no extension did
 * @param age after which it counts as resolved when nobody saw it again; null when only its source resolves it
 * @param dueAt when it is looked at next: an open one is too old then, a resolved one is forgotten; null for never
 * @param revision see {@link FleetChange}
 */
public record Finding(
        String id,
        Key key,
        String machine,
        String extension,
        Content content,
        Sights sights,
        Standing standing,
        @Nullable Duration age,
        @Nullable Instant dueAt,
        long revision) {
    public Finding {
        Objects.requireNonNull(key);
        Objects.requireNonNull(content);
        Objects.requireNonNull(sights);
        Objects.requireNonNull(standing);
    }

    /** Who says so. */
    public enum Source {
        /** An extension, or the agent itself. */
        MACHINE("machine"),
        ALERT("alert"),
        CONTROL_PLANE("control-plane");

        private final String wire;

        Source(String wire) {
            this.wire = wire;
        }

        public String wire() {
            return wire;
        }

        public static Source of(String wire) {
            for (Source source : values()) {
                if (source.wire.equals(wire)) {
                    return source;
                }
            }
            throw new IllegalStateException("not a source of findings: " + wire);
        }
    }

    /**
     * Which finding it is.
     *
     * @param machineId empty when it is about no machine
     * @param installation empty when no installation found it
     */
    public record Key(
            String project, String machineId, Source source, String installation, String type, String subject) {}

    /** What is said about it; the newest counts. */
    public record Content(FindingSeverity severity, String title, Map<String, String> evidence) {
        public Content {
            Objects.requireNonNull(severity);
            Objects.requireNonNull(title);
            evidence = Collections.unmodifiableMap(new TreeMap<>(evidence));
        }
    }

    /** When and how often it was seen. */
    public record Sights(Instant first, Instant last, long times) {
        Sights and(Instant from, Instant to, long more) {
            return new Sights(
                    from.isBefore(first) ? from : first, to.isAfter(last) ? to : last, Math.addExact(times, more));
        }
    }

    /** Why it is resolved. The wire form is what people read. */
    public enum Resolution {
        REPORTED("reported"),
        AGED("aged"),
        INSTALLATION_REMOVED("installation-removed"),
        MACHINE_REMOVED("machine-removed");

        private final String wire;

        Resolution(String wire) {
            this.wire = wire;
        }

        public String wire() {
            return wire;
        }

        public static Resolution of(String wire) {
            for (Resolution resolution : values()) {
                if (resolution.wire.equals(wire)) {
                    return resolution;
                }
            }
            throw new IllegalStateException("not a resolution: " + wire);
        }
    }

    /** Who knows of it. */
    public record Acknowledgement(String by, Instant at, String note) {}

    /**
     * Where it stands.
     *
     * @param acknowledged stays when it is resolved, goes when it opens again
     * @param resolution only of a resolved one
     */
    public record Standing(
            FindingState state,
            Instant since,
            @Nullable Acknowledgement acknowledged,
            @Nullable Resolution resolution) {
        static Standing open(Instant now) {
            return new Standing(FindingState.OPEN, now, null, null);
        }

        Standing resolved(Resolution why, Instant now) {
            return new Standing(FindingState.RESOLVED, now, acknowledged, why);
        }
    }

    boolean resolved() {
        return standing.state() == FindingState.RESOLVED;
    }

    Finding with(Standing next, @Nullable Instant due) {
        return new Finding(id, key, machine, extension, content, sights, next, age, due, revision);
    }

    /** As a store gives it back. */
    public Finding stored(long newRevision) {
        return new Finding(id, key, machine, extension, content, sights, standing, age, dueAt, newRevision);
    }

    FindingView view() {
        Acknowledgement known = standing.acknowledged();
        Resolution why = standing.resolution();
        return new FindingView(
                id,
                key.project(),
                machine,
                key.source().wire(),
                key.installation(),
                extension,
                key.type(),
                key.subject(),
                content.severity().wire(),
                standing.state().wire(),
                standing.since(),
                content.title(),
                content.evidence(),
                sights.first(),
                sights.last(),
                sights.times(),
                known == null ? null : known.by(),
                known == null ? null : known.at(),
                known == null ? null : known.note(),
                why == null ? null : why.wire());
    }
}
