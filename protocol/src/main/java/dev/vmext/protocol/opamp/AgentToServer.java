package dev.vmext.protocol.opamp;

import org.jspecify.annotations.Nullable;

/** Everything an agent sends. Parts that did not change since the last message may be absent. */
public record AgentToServer(
        Bytes instanceUid,
        long sequenceNum,
        @Nullable AgentDescription agentDescription,
        long capabilities,
        @Nullable ComponentHealth health,
        @Nullable EffectiveConfig effectiveConfig,
        @Nullable RemoteConfigStatus remoteConfigStatus,
        @Nullable PackageStatuses packageStatuses,
        @Nullable AgentDisconnect agentDisconnect,
        long flags,
        @Nullable ConnectionSettingsRequest connectionSettingsRequest,
        @Nullable CustomCapabilities customCapabilities,
        @Nullable CustomMessage customMessage,
        @Nullable AvailableComponents availableComponents,
        @Nullable ConnectionSettingsStatus connectionSettingsStatus)
        implements Message {
    /** The agent asks the server to choose its instance id. */
    public static final long FLAG_REQUEST_INSTANCE_UID = 1;

    /** Starts a message of this instance; everything else is unset. */
    public static Builder builder(Bytes instanceUid) {
        return new Builder().instanceUid(instanceUid);
    }

    @Override
    public void writeTo(ProtoWriter out) {
        out.bytes(1, instanceUid);
        out.varint(2, sequenceNum);
        out.message(3, agentDescription);
        out.varint(4, capabilities);
        out.message(5, health);
        out.message(6, effectiveConfig);
        out.message(7, remoteConfigStatus);
        out.message(8, packageStatuses);
        out.message(9, agentDisconnect);
        out.varint(10, flags);
        out.message(11, connectionSettingsRequest);
        out.message(12, customCapabilities);
        out.message(13, customMessage);
        out.message(14, availableComponents);
        out.message(15, connectionSettingsStatus);
    }

    static AgentToServer read(ProtoReader in) {
        Builder message = new Builder();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> message.instanceUid(in.bytes());
                case 2 -> message.sequenceNum(in.varint());
                case 3 -> message.agentDescription(AgentDescription.read(in));
                case 4 -> message.capabilities(in.varint());
                case 5 -> message.health(ComponentHealth.read(in));
                case 6 -> message.effectiveConfig(EffectiveConfig.read(in));
                case 7 -> message.remoteConfigStatus(RemoteConfigStatus.read(in));
                case 8 -> message.packageStatuses(PackageStatuses.read(in));
                case 9 -> message.agentDisconnect(AgentDisconnect.read(in));
                case 10 -> message.flags(in.varint());
                case 11 -> message.connectionSettingsRequest(ConnectionSettingsRequest.read(in));
                case 12 -> message.customCapabilities(CustomCapabilities.read(in));
                case 13 -> message.customMessage(CustomMessage.read(in));
                case 14 -> message.availableComponents(AvailableComponents.read(in));
                case 15 -> message.connectionSettingsStatus(ConnectionSettingsStatus.read(in));
                default -> in.skip();
            }
        }
        return message.build();
    }

    /** Collects the parts of one message; used by one thread. */
    public static final class Builder {
        private Bytes instanceUid = Bytes.EMPTY;
        private long sequenceNum;
        private @Nullable AgentDescription agentDescription;
        private long capabilities;
        private @Nullable ComponentHealth health;
        private @Nullable EffectiveConfig effectiveConfig;
        private @Nullable RemoteConfigStatus remoteConfigStatus;
        private @Nullable PackageStatuses packageStatuses;
        private @Nullable AgentDisconnect agentDisconnect;
        private long flags;
        private @Nullable ConnectionSettingsRequest connectionSettingsRequest;
        private @Nullable CustomCapabilities customCapabilities;
        private @Nullable CustomMessage customMessage;
        private @Nullable AvailableComponents availableComponents;
        private @Nullable ConnectionSettingsStatus connectionSettingsStatus;

        private Builder() {}

        public Builder instanceUid(Bytes value) {
            this.instanceUid = value;
            return this;
        }

        public Builder sequenceNum(long value) {
            this.sequenceNum = value;
            return this;
        }

        public Builder agentDescription(@Nullable AgentDescription value) {
            this.agentDescription = value;
            return this;
        }

        public Builder capabilities(long value) {
            this.capabilities = value;
            return this;
        }

        public Builder health(@Nullable ComponentHealth value) {
            this.health = value;
            return this;
        }

        public Builder effectiveConfig(@Nullable EffectiveConfig value) {
            this.effectiveConfig = value;
            return this;
        }

        public Builder remoteConfigStatus(@Nullable RemoteConfigStatus value) {
            this.remoteConfigStatus = value;
            return this;
        }

        public Builder packageStatuses(@Nullable PackageStatuses value) {
            this.packageStatuses = value;
            return this;
        }

        public Builder agentDisconnect(@Nullable AgentDisconnect value) {
            this.agentDisconnect = value;
            return this;
        }

        public Builder flags(long value) {
            this.flags = value;
            return this;
        }

        public Builder connectionSettingsRequest(@Nullable ConnectionSettingsRequest value) {
            this.connectionSettingsRequest = value;
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

        public Builder availableComponents(@Nullable AvailableComponents value) {
            this.availableComponents = value;
            return this;
        }

        public Builder connectionSettingsStatus(@Nullable ConnectionSettingsStatus value) {
            this.connectionSettingsStatus = value;
            return this;
        }

        public AgentToServer build() {
            return new AgentToServer(
                    instanceUid,
                    sequenceNum,
                    agentDescription,
                    capabilities,
                    health,
                    effectiveConfig,
                    remoteConfigStatus,
                    packageStatuses,
                    agentDisconnect,
                    flags,
                    connectionSettingsRequest,
                    customCapabilities,
                    customMessage,
                    availableComponents,
                    connectionSettingsStatus);
        }
    }
}
