package dev.vmext.fleet;

import dev.vmext.protocol.JsonWriter;
import dev.vmext.protocol.api.FindingView;
import dev.vmext.protocol.finding.FindingState;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What can happen to a finding that somebody may want to be told. */
public enum FindingEvent {
    OPENED("finding.opened"),
    /** It was resolved, or acknowledged, and is open again. */
    REOPENED("finding.reopened"),
    /** It is open still and became more severe. */
    WORSENED("finding.worsened"),
    ACKNOWLEDGED("finding.acknowledged"),
    RESOLVED("finding.resolved"),
    /** What a rule for alerts has to tell: alerts that came up and that are over, many in one message. */
    ALERTS("alerts.changed");

    /** Type of a message that only tries the way. */
    static final String TEST = "webhook.test";

    private final String wire;

    FindingEvent(String wire) {
        this.wire = wire;
    }

    public String wire() {
        return wire;
    }

    public static Optional<FindingEvent> find(String wire) {
        for (FindingEvent event : values()) {
            if (event.wire.equals(wire)) {
                return Optional.of(event);
            }
        }
        return Optional.empty();
    }

    /** What happened between these two, if anything worth telling did. */
    static Optional<FindingEvent> between(@Nullable Finding before, Finding after) {
        FindingState now = after.standing().state();
        if (before == null) {
            return now == FindingState.OPEN ? Optional.of(OPENED) : Optional.empty();
        }
        FindingState was = before.standing().state();
        if (now == was) {
            boolean worse =
                    after.content().severity().compareTo(before.content().severity()) > 0;
            return worse && now == FindingState.OPEN ? Optional.of(WORSENED) : Optional.empty();
        }
        return Optional.of(
                switch (now) {
                    case OPEN -> REOPENED;
                    case ACKNOWLEDGED -> ACKNOWLEDGED;
                    case RESOLVED -> RESOLVED;
                });
    }

    /** The CloudEvent, in its JSON format. */
    String message(String id, Finding finding, Instant now) {
        FindingView view = finding.view();
        JsonWriter json = begin(id, view.project(), wire, now)
                .text("subject", view.id())
                .text("datacontenttype", "application/json")
                .object("data")
                .text("id", view.id())
                .text("project", view.project())
                .text("machine", view.machine())
                .text("source", view.source())
                .text("installation", view.installation())
                .text("extension", view.extension())
                .text("type", view.type())
                .text("subject", view.subject())
                .text("severity", view.severity())
                .text("state", view.state())
                .text("since", view.since().toString())
                .text("title", view.title())
                .strings("evidence", view.evidence())
                .text("firstSeen", view.firstSeen().toString())
                .text("lastSeen", view.lastSeen().toString())
                .number("count", view.count())
                .textIfAny("acknowledgedBy", view.acknowledgedBy())
                .textIfAny(
                        "acknowledgedAt",
                        view.acknowledgedAt() == null
                                ? null
                                : view.acknowledgedAt().toString())
                .textIfAny("note", view.note())
                .textIfAny("resolution", view.resolution())
                .end();
        return new String(json.toBytes(), StandardCharsets.UTF_8);
    }

    /** A message that only tries the way. */
    static String test(String id, Webhook webhook, Instant now) {
        JsonWriter json = begin(id, webhook.project(), TEST, now)
                .text("subject", webhook.name())
                .text("datacontenttype", "application/json")
                .object("data")
                .text("webhook", webhook.name())
                .end();
        return new String(json.toBytes(), StandardCharsets.UTF_8);
    }

    static JsonWriter begin(String id, String project, String type, Instant now) {
        return new JsonWriter()
                .text("specversion", "1.0")
                .text("id", id)
                .text("source", "/v1/projects/" + project)
                .text("type", "dev.vmext." + type)
                .text("time", now.toString());
    }
}
