package dev.vmext.server.gateway;

import dev.vmext.protocol.opamp.ServerToAgent;
import org.jspecify.annotations.Nullable;

/** Two messages to one agent in one, where OpAMP allows it: a reply to a poll is all that can be said. Pure. */
final class Merging {
    private Merging() {}

    /** Custom messages and errors travel alone; a bare acknowledgement fits everywhere. */
    static boolean fits(ServerToAgent first, ServerToAgent second) {
        if (bare(first) || bare(second)) {
            return true;
        }
        return first.errorResponse() == null
                && second.errorResponse() == null
                && first.command() == null
                && second.command() == null
                && (first.customMessage() == null || second.customMessage() == null)
                && (first.connectionSettings() == null || second.connectionSettings() == null);
    }

    private static boolean bare(ServerToAgent message) {
        return message.equals(ServerToAgent.builder(message.instanceUid()).build());
    }

    /** Of what both say the second one counts: it is newer. */
    static ServerToAgent merged(ServerToAgent first, ServerToAgent second) {
        if (bare(first)) {
            return second;
        }
        if (bare(second)) {
            return first;
        }
        return new ServerToAgent(
                second.instanceUid(),
                null,
                either(second.remoteConfig(), first.remoteConfig()),
                either(second.connectionSettings(), first.connectionSettings()),
                either(second.packagesAvailable(), first.packagesAvailable()),
                first.flags() | second.flags(),
                second.capabilities() == 0 ? first.capabilities() : second.capabilities(),
                either(second.agentIdentification(), first.agentIdentification()),
                null,
                either(second.customCapabilities(), first.customCapabilities()),
                either(second.customMessage(), first.customMessage()));
    }

    private static <T> @Nullable T either(@Nullable T newer, @Nullable T older) {
        return newer == null ? older : newer;
    }
}
