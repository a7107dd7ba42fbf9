package dev.vmext.protocol.link;

import dev.vmext.protocol.CapabilityLevel;
import dev.vmext.protocol.opamp.AgentDescription;
import dev.vmext.protocol.opamp.AnyValue;
import dev.vmext.protocol.opamp.KeyValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * Machine facts ({@code os}, {@code distro}, {@code osVersion}, {@code arch}, {@code hostname}, ...) as attributes of an agent
 * description and back; pure functions, any thread. Facts that OpenTelemetry has a name for travel under that name, so that other
 * OpAMP servers understand our agent and we understand other agents; the rest as {@code vmext.<fact>}.
 */
public final class MachineFacts {
    /** The {@code service.name} of the vmext agent. */
    public static final String SERVICE_NAME = "vmext-agent";

    private static final int MAX_FACTS = 128;
    private static final int MAX_LENGTH = 1024;
    private static final String OWN = "vmext.";
    private static final String AGENT_VERSION = "agentVersion";

    private MachineFacts() {}

    /**
     * What the agent sends: its facts and its capability level.
     *
     * @param installId differs for each installation of the agent, also among copies of one disk
     */
    public static AgentDescription describe(String installId, Map<String, String> facts) {
        List<KeyValue> identifying = new ArrayList<>();
        List<KeyValue> others = new ArrayList<>();
        identifying.add(KeyValue.of("service.name", SERVICE_NAME));
        identifying.add(KeyValue.of("service.instance.id", installId));
        for (Map.Entry<String, String> fact : new TreeMap<>(facts).entrySet()) {
            boolean identifies = fact.getKey().equals(AGENT_VERSION);
            (identifies ? identifying : others).add(KeyValue.of(attribute(fact.getKey()), fact.getValue()));
        }
        others.add(KeyValue.of(CapabilityLevel.ATTRIBUTE, CapabilityLevel.CURRENT));
        return new AgentDescription(identifying, others);
    }

    /** The facts in any agent's description; attributes that are no facts of ours keep their own name. */
    public static Map<String, String> facts(AgentDescription description) {
        Map<String, String> facts = new TreeMap<>();
        collect(description.identifyingAttributes(), facts);
        collect(description.nonIdentifyingAttributes(), facts);
        return facts;
    }

    /** The agent's capability level; empty when it is not a vmext agent. */
    public static OptionalInt level(AgentDescription description) {
        for (KeyValue attribute : description.nonIdentifyingAttributes()) {
            if (attribute.key().equals(CapabilityLevel.ATTRIBUTE)
                    && attribute.value() instanceof AnyValue.Whole(long level)
                    && level > 0
                    && level <= Integer.MAX_VALUE) {
                return OptionalInt.of((int) level);
            }
        }
        return OptionalInt.empty();
    }

    private static void collect(List<KeyValue> attributes, Map<String, String> into) {
        for (KeyValue attribute : attributes) {
            if (into.size() == MAX_FACTS) {
                return;
            }
            if (attribute.value() instanceof AnyValue.Text(String value)
                    && attribute.key().length() <= MAX_LENGTH) {
                into.put(fact(attribute.key()), value.length() <= MAX_LENGTH ? value : value.substring(0, MAX_LENGTH));
            }
        }
    }

    private static String attribute(String fact) {
        return switch (fact) {
            case "os" -> "os.type";
            case "osVersion" -> "os.version";
            case "arch" -> "host.arch";
            case "hostname" -> "host.name";
            case "machineId" -> "host.id";
            case AGENT_VERSION -> "service.version";
            default -> OWN + fact;
        };
    }

    private static String fact(String attribute) {
        return switch (attribute) {
            case "os.type" -> "os";
            case "os.version" -> "osVersion";
            case "host.arch" -> "arch";
            case "host.name" -> "hostname";
            case "host.id" -> "machineId";
            case "service.version" -> AGENT_VERSION;
            default -> attribute.startsWith(OWN) ? attribute.substring(OWN.length()) : attribute;
        };
    }
}
