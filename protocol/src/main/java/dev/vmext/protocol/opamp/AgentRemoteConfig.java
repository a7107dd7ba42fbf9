package dev.vmext.protocol.opamp;

import org.jspecify.annotations.Nullable;

/** The complete configuration that the server wants, with a hash that only the server computes. */
public record AgentRemoteConfig(@Nullable AgentConfigMap config, Bytes configHash) implements Message {
    @Override
    public void writeTo(ProtoWriter out) {
        out.message(1, config);
        out.bytes(2, configHash);
    }

    static AgentRemoteConfig read(ProtoReader in) {
        @Nullable AgentConfigMap config = null;
        Bytes configHash = Bytes.EMPTY;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> config = AgentConfigMap.read(in);
                case 2 -> configHash = in.bytes();
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new AgentRemoteConfig(config, configHash);
    }
}
