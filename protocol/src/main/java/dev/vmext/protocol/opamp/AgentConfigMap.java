package dev.vmext.protocol.opamp;

import java.util.Map;
import java.util.TreeMap;

/** Named configuration entries. An agent with a single one uses the empty name. */
public record AgentConfigMap(Map<String, AgentConfigFile> configMap) implements Message {
    public AgentConfigMap {
        configMap = Message.sorted(configMap);
    }

    @Override
    public void writeTo(ProtoWriter out) {
        out.entries(1, configMap);
    }

    static AgentConfigMap read(ProtoReader in) {
        Map<String, AgentConfigFile> configMap = new TreeMap<>();
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> readEntry(in, configMap);
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new AgentConfigMap(configMap);
    }

    private static void readEntry(ProtoReader in, Map<String, AgentConfigFile> into) {
        String key = "";
        AgentConfigFile value = AgentConfigFile.EMPTY;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> key = in.string();
                case 2 -> value = AgentConfigFile.read(in);
                default -> in.skip();
            }
        }
        in.leave(outer);
        into.put(key, value);
    }
}
