package dev.vmext.server.gateway;

import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.opamp.AgentToServer;
import dev.vmext.protocol.opamp.CustomMessage;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Every part an agent's message can have, and what is done with it on each kind of link. What is not named is not read. */
enum MessageKind {
    DESCRIPTION(Rule.IGNORE, Rule.IGNORE, Rule.ACCEPT),
    HEALTH(Rule.IGNORE, Rule.IGNORE, Rule.ACCEPT),
    EFFECTIVE_CONFIG(Rule.IGNORE, Rule.IGNORE, Rule.ACCEPT),
    REMOTE_CONFIG_STATUS(Rule.IGNORE, Rule.IGNORE, Rule.ACCEPT),
    PACKAGE_STATUSES(Rule.IGNORE, Rule.IGNORE, Rule.ACCEPT),
    AVAILABLE_COMPONENTS(Rule.IGNORE, Rule.IGNORE, Rule.ACCEPT),
    DISCONNECT(Rule.ACCEPT, Rule.ACCEPT, Rule.ACCEPT),
    REQUEST_INSTANCE_UID(Rule.ACCEPT, Rule.ACCEPT, Rule.ACCEPT),
    CERTIFICATE_REQUEST(Rule.ACCEPT, Rule.ACCEPT, Rule.ACCEPT),
    CONNECTION_SETTINGS_STATUS(Rule.ACCEPT, Rule.ACCEPT, Rule.ACCEPT),
    CUSTOM_CAPABILITIES(Rule.ACCEPT, Rule.ACCEPT, Rule.ACCEPT),
    SETTINGS_KEY(Rule.REFUSE, Rule.REFUSE, Rule.ACCEPT),
    STATUS_REPORT(Rule.REFUSE, Rule.REFUSE, Rule.ACCEPT),
    LOG_TEXT(Rule.REFUSE, Rule.REFUSE, Rule.ACCEPT),
    LOG_PIECE(Rule.REFUSE, Rule.REFUSE, Rule.ACCEPT),
    COMMAND_ACCEPTED(Rule.REFUSE, Rule.REFUSE, Rule.ACCEPT),
    COMMAND_OUTPUT(Rule.REFUSE, Rule.REFUSE, Rule.ACCEPT),
    COMMAND_EXIT(Rule.REFUSE, Rule.REFUSE, Rule.ACCEPT),
    DIAGNOSIS_PART(Rule.REFUSE, Rule.REFUSE, Rule.ACCEPT),
    FINDINGS(Rule.REFUSE, Rule.REFUSE, Rule.ACCEPT),
    FREEZE_HELD(Rule.REFUSE, Rule.REFUSE, Rule.ACCEPT),
    FREEZE_RELEASED(Rule.REFUSE, Rule.REFUSE, Rule.ACCEPT),
    /** OpAMP: custom messages that nobody knows are passed over in silence. */
    UNKNOWN_CUSTOM(Rule.IGNORE, Rule.IGNORE, Rule.IGNORE);

    /** What happens to a part. */
    enum Rule {
        ACCEPT,
        /** Not looked at; the rest of the message counts. An agent may say these before it knows what link it has. */
        IGNORE,
        /** The whole message is answered with an error. */
        REFUSE
    }

    /** What the peer of a link has proven. */
    enum Link {
        /** It holds an enrolment token. */
        ENROLLING,
        /** It holds the key of a certificate that has expired. */
        EXPIRED,
        /** It holds the key of a valid certificate. */
        ENROLLED
    }

    private final Rule enrolling;
    private final Rule expired;
    private final Rule enrolled;

    MessageKind(Rule enrolling, Rule expired, Rule enrolled) {
        this.enrolling = enrolling;
        this.expired = expired;
        this.enrolled = enrolled;
    }

    Rule on(Link link) {
        return switch (link) {
            case ENROLLING -> enrolling;
            case EXPIRED -> expired;
            case ENROLLED -> enrolled;
        };
    }

    /** The parts of this message. */
    static Set<MessageKind> of(AgentToServer message) {
        Set<MessageKind> kinds = EnumSet.noneOf(MessageKind.class);
        addIf(message.agentDescription() != null, DESCRIPTION, kinds);
        addIf(message.health() != null, HEALTH, kinds);
        addIf(message.effectiveConfig() != null, EFFECTIVE_CONFIG, kinds);
        addIf(message.remoteConfigStatus() != null, REMOTE_CONFIG_STATUS, kinds);
        addIf(message.packageStatuses() != null, PACKAGE_STATUSES, kinds);
        addIf(message.availableComponents() != null, AVAILABLE_COMPONENTS, kinds);
        addIf(message.agentDisconnect() != null, DISCONNECT, kinds);
        addIf((message.flags() & AgentToServer.FLAG_REQUEST_INSTANCE_UID) != 0, REQUEST_INSTANCE_UID, kinds);
        addIf(message.connectionSettingsRequest() != null, CERTIFICATE_REQUEST, kinds);
        addIf(message.connectionSettingsStatus() != null, CONNECTION_SETTINGS_STATUS, kinds);
        addIf(message.customCapabilities() != null, CUSTOM_CAPABILITIES, kinds);
        CustomMessage custom = message.customMessage();
        if (custom != null) {
            kinds.add(of(custom.capability(), custom.type()));
        }
        return kinds;
    }

    private static MessageKind of(String capability, String type) {
        return switch (capability + ' ' + type) {
            case CustomCapability.KEYS + ' ' + CustomCapability.KEYS_PUBLISH -> SETTINGS_KEY;
            case CustomCapability.STATUS + ' ' + CustomCapability.STATUS_REPORT -> STATUS_REPORT;
            case CustomCapability.LOGS + ' ' + CustomCapability.LOGS_TEXT -> LOG_TEXT;
            case CustomCapability.LOG_FILES + ' ' + CustomCapability.LOG_FILES_PIECE -> LOG_PIECE;
            case CustomCapability.EXEC + ' ' + CustomCapability.EXEC_ACCEPTED -> COMMAND_ACCEPTED;
            case CustomCapability.EXEC + ' ' + CustomCapability.EXEC_OUTPUT -> COMMAND_OUTPUT;
            case CustomCapability.EXEC + ' ' + CustomCapability.EXEC_EXIT -> COMMAND_EXIT;
            case CustomCapability.DIAGNOSE + ' ' + CustomCapability.DIAGNOSE_PART -> DIAGNOSIS_PART;
            case CustomCapability.FINDINGS + ' ' + CustomCapability.FINDINGS_BATCH -> FINDINGS;
            case CustomCapability.FREEZE + ' ' + CustomCapability.FREEZE_HELD -> FREEZE_HELD;
            case CustomCapability.FREEZE + ' ' + CustomCapability.FREEZE_RELEASED -> FREEZE_RELEASED;
            default -> UNKNOWN_CUSTOM;
        };
    }

    private static void addIf(boolean present, MessageKind kind, Set<MessageKind> into) {
        if (present) {
            into.add(kind);
        }
    }

    /** The first part that this link refuses. */
    static Optional<MessageKind> findRefused(Set<MessageKind> kinds, Link link) {
        return kinds.stream().filter(kind -> kind.on(link) == Rule.REFUSE).findFirst();
    }
}
