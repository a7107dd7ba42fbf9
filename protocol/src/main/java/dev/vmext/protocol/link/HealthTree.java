package dev.vmext.protocol.link;

import dev.vmext.protocol.opamp.ComponentHealth;
import dev.vmext.protocol.opamp.KeyValue;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.HandlerStatus;
import dev.vmext.protocol.status.InstallationStatus;
import dev.vmext.protocol.status.StatusWord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Observed status as an OpAMP health tree; pure functions, any thread. One component {@code ext/<installation>} below the agent, one
 * below that per substatus. It is what any OpAMP server can show; the full text travels in status reports. The tree is sent whole when
 * one leaf changes, so that it is kept small.
 */
public final class HealthTree {
    public static final String INSTALLATION_PREFIX = "ext/";

    private static final int MAX_LEAVES = 256;
    private static final int MAX_TEXT = 256;

    private HealthTree() {}

    /**
     * The tree of all installations below the agent.
     *
     * @param agentStatus one word or short sentence about the agent itself
     * @param agentStarted when the agent's process started
     */
    public static ComponentHealth of(
            String agentStatus, Instant agentStarted, Instant now, List<InstallationStatus> installations) {
        Map<String, ComponentHealth> components = new TreeMap<>();
        int left = MAX_LEAVES - installations.size();
        boolean healthy = true;
        for (InstallationStatus installation : installations) {
            Map<String, ComponentHealth> parts = parts(installation, left);
            left -= parts.size();
            healthy &= installation.healthy();
            components.put(INSTALLATION_PREFIX + installation.name(), component(installation, parts));
        }
        String error = healthy ? "" : "an installation is not healthy";
        return new ComponentHealth(healthy, nanos(agentStarted), error, agentStatus, nanos(now), components, List.of());
    }

    private static ComponentHealth component(InstallationStatus status, Map<String, ComponentHealth> parts) {
        Cause cause = status.cause();
        HandlerStatus handler = status.status();
        List<KeyValue> attributes = new ArrayList<>();
        attributes.add(KeyValue.of("seq", status.sequence()));
        attributes.add(KeyValue.of("goal", status.generation()));
        attributes.add(KeyValue.of("attempt", status.attempt()));
        addIfAny(attributes, "package.version", status.version());
        addIfAny(attributes, "op", handler == null ? null : handler.operation());
        addIfAny(attributes, "code", handler == null ? null : handler.code());
        addIfAny(attributes, "cause", cause == null ? null : cause.kind().wire());
        return new ComponentHealth(
                status.healthy(),
                status.healthy() ? nanos(status.since()) : 0,
                status.healthy() || cause == null ? "" : cut(cause.message()),
                status.state().wire(),
                nanos(status.at()),
                parts,
                attributes);
    }

    private static Map<String, ComponentHealth> parts(InstallationStatus installation, int atMost) {
        HandlerStatus handler = installation.status();
        Map<String, ComponentHealth> parts = new TreeMap<>();
        if (handler == null) {
            return parts;
        }
        for (HandlerStatus.Substatus part : handler.substatus()) {
            if (parts.size() >= atMost) {
                break;
            }
            boolean healthy = part.status() == StatusWord.SUCCESS;
            parts.put(
                    cut(part.name()),
                    new ComponentHealth(
                            healthy,
                            0,
                            healthy ? "" : cut(part.message()),
                            part.status().wire(),
                            nanos(installation.at()),
                            Map.of(),
                            part.code().isEmpty() ? List.of() : List.of(KeyValue.of("code", cut(part.code())))));
        }
        return parts;
    }

    private static void addIfAny(List<KeyValue> attributes, String key, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            attributes.add(KeyValue.of(key, cut(value)));
        }
    }

    private static String cut(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
    }

    private static long nanos(Instant time) {
        return time.getEpochSecond() * 1_000_000_000L + time.getNano();
    }
}
