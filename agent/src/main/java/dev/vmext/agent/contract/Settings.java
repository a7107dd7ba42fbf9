package dev.vmext.agent.contract;

import dev.vmext.protocol.goal.ProtectedSettings;
import org.jspecify.annotations.Nullable;

/** What a handler is to be given. */
public record Settings(
        long sequence, String publicJson, @Nullable ProtectedSettings protectedSettings) {}
