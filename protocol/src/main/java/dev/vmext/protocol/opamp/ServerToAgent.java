package dev.vmext.protocol.opamp;

import org.jspecify.annotations.Nullable;

/** Everything a server sends. With nothing but the instance id it is a plain acknowledgement. */
public record ServerToAgent(
        Bytes instanceUid,
        @Nullable ServerErrorResponse errorResponse,
        @Nullable AgentRemoteConfig remoteConfig,
        @Nullable ConnectionSettingsOffers connectionSettings,
        @Nullable PackagesAvailable packagesAvailable,
        long flags,
        long capabilities,
        @Nullable AgentIdentification agentIdentification,
        @Nullable ServerToAgentCommand command,
        @Nullable CustomCapabilities customCapabilities,
        @Nullable CustomMessage customMessage)
        implements Message {
    /** The server lost track: the agent shall send all parts again. */
    public static final long FLAG_REPORT_FULL_STATE = 1;

    /** The agent shall send the full list of its components. */
    public static final long FLAG_REPORT_AVAILABLE_COMPONENTS = 2;

    /** Starts a message of this instance; everything else is unset. */
    public static Builder builder(Bytes instanceUid) {
        return new Builder().instanceUid(instanceUid);
    }

    @Override
    public void writeTo(ProtoWriter out) {
        out.bytes(1, instanceUid);
        out.message(2, errorResponse);
        out.message(3, remoteConfig);
        out.message(4, connectionSettings);
        out.message(5, packagesAvailable);
        out.varint(6, flags);
        out.varint(7, capabilities);
        out.message(8, agentIdentification);
        out.message(9, command);
        out.message(10, customCapabilities);
        out.message(11, customMessage);
    }

    static ServerToAgent read(ProtoReader in) {
        Builder message = new Builder();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> message.instanceUid(in.bytes());
                case 2 -> message.errorResponse(ServerErrorResponse.read(in));
                case 3 -> message.remoteConfig(AgentRemoteConfig.read(in));
                case 4 -> message.connectionSettings(ConnectionSettingsOffers.read(in));
                case 5 -> message.packagesAvailable(PackagesAvailable.read(in));
                case 6 -> message.flags(in.varint());
                case 7 -> message.capabilities(in.varint());
                case 8 -> message.agentIdentification(AgentIdentification.read(in));
                case 9 -> message.command(ServerToAgentCommand.read(in));
                case 10 -> message.customCapabilities(CustomCapabilities.read(in));
                case 11 -> message.customMessage(CustomMessage.read(in));
                default -> in.skip();
            }
        }
        return message.build();
    }

    /** Collects the parts of one message; used by one thread. */
    public static final class Builder {
        private Bytes instanceUid = Bytes.EMPTY;
        private @Nullable ServerErrorResponse errorResponse;
        private @Nullable AgentRemoteConfig remoteConfig;
        private @Nullable ConnectionSettingsOffers connectionSettings;
        private @Nullable PackagesAvailable packagesAvailable;
        private long flags;
        private long capabilities;
        private @Nullable AgentIdentification agentIdentification;
        private @Nullable ServerToAgentCommand command;
        private @Nullable CustomCapabilities customCapabilities;
        private @Nullable CustomMessage customMessage;

        private Builder() {}

        public Builder instanceUid(Bytes value) {
            this.instanceUid = value;
            return this;
        }

        public Builder errorResponse(@Nullable ServerErrorResponse value) {
            this.errorResponse = value;
            return this;
        }

        public Builder remoteConfig(@Nullable AgentRemoteConfig value) {
            this.remoteConfig = value;
            return this;
        }

        public Builder connectionSettings(@Nullable ConnectionSettingsOffers value) {
            this.connectionSettings = value;
            return this;
        }

        public Builder packagesAvailable(@Nullable PackagesAvailable value) {
            this.packagesAvailable = value;
            return this;
        }

        public Builder flags(long value) {
            this.flags = value;
            return this;
        }

        public Builder capabilities(long value) {
            this.capabilities = value;
            return this;
        }

        public Builder agentIdentification(@Nullable AgentIdentification value) {
            this.agentIdentification = value;
            return this;
        }

        public Builder command(@Nullable ServerToAgentCommand value) {
            this.command = value;
            return this;
        }

        public Builder customCapabilities(@Nullable CustomCapabilities value) {
            this.customCapabilities = value;
            return this;
        }

        public Builder customMessage(@Nullable CustomMessage value) {
            this.customMessage = value;
            return this;
        }

        public ServerToAgent build() {
            return new ServerToAgent(
                    instanceUid,
                    errorResponse,
                    remoteConfig,
                    connectionSettings,
                    packagesAvailable,
                    flags,
                    capabilities,
                    agentIdentification,
                    command,
                    customCapabilities,
                    customMessage);
        }
    }
}
