package dev.vmext.protocol.opamp;

import org.jspecify.annotations.Nullable;

/** The configuration the agent runs with, as far as it may be told. */
public record EffectiveConfig(@Nullable AgentConfigMap configMap) implements Message {
    @Override
    public void writeTo(ProtoWriter out) {
        out.message(1, configMap);
    }

    static EffectiveConfig read(ProtoReader in) {
        @Nullable AgentConfigMap configMap = null;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> configMap = AgentConfigMap.read(in);
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new EffectiveConfig(configMap);
    }
}
