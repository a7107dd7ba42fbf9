package dev.vmext.agent.link;

import dev.vmext.protocol.opamp.ApplyState;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.ConnectionSettingsStatus;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What all sessions of one link share; owned by the link's thread except where a part says otherwise. */
final class LinkParts {
    static final Duration DEFAULT_HEARTBEAT = Duration.ofSeconds(30);

    private final IdentityStore store;
    private final Outgoing outgoing;
    private final LinkListener listener;
    private final LinkSources sources;
    private final InstantSource clock;
    private final Instant started;
    private final String installId;
    private final AtomicLong sequence = new AtomicLong();
    private final ClockSkew clockSkew;
    private final List<Topic> topics = new CopyOnWriteArrayList<>();
    private @Nullable Bytes candidateHash;
    private @Nullable Bytes failedHash;

    LinkParts(
            IdentityStore store,
            Outgoing outgoing,
            LinkListener listener,
            LinkSources sources,
            InstantSource clock,
            UUID fresh)
            throws IOException {
        this.store = store;
        this.outgoing = outgoing;
        this.listener = listener;
        this.sources = sources;
        this.clock = clock;
        this.started = clock.instant();
        this.installId = store.installId(fresh);
        this.clockSkew = new ClockSkew(clock);
        topics.add(clockSkew);
    }

    IdentityStore store() {
        return store;
    }

    Outgoing outgoing() {
        return outgoing;
    }

    LinkListener listener() {
        return listener;
    }

    LinkSources sources() {
        return sources;
    }

    InstantSource clock() {
        return clock;
    }

    ClockSkew clockSkew() {
        return clockSkew;
    }

    Instant started() {
        return started;
    }

    String installId() {
        return installId;
    }

    /** What parts of the agent speak by themselves; any thread. */
    List<Topic> topics() {
        return topics;
    }

    /** Of the messages of this process, over all connections. */
    AtomicLong sequence() {
        return sequence;
    }

    /** Of the connection settings that the candidate certificate came with. */
    @Nullable Bytes candidateHash() {
        return candidateHash;
    }

    void candidateHash(@Nullable Bytes hash) {
        candidateHash = hash;
    }

    /** The candidate was given up. */
    void candidateFailed() {
        failedHash = candidateHash;
        candidateHash = null;
    }

    /** What the control plane has to be told about the settings that it offered, on a new connection. */
    @Nullable ConnectionSettingsStatus settingsStatus(boolean candidate) {
        if (candidate) {
            return candidateHash == null ? null : new ConnectionSettingsStatus(candidateHash, ApplyState.APPLIED, "");
        }
        Bytes failed = failedHash;
        failedHash = null;
        return failed == null
                ? null
                : new ConnectionSettingsStatus(
                        failed,
                        ApplyState.FAILED,
                        "no connection with the new certificate; going on with the one before");
    }
}
