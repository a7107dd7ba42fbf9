package dev.vmext.agent.contract;

import dev.vmext.protocol.goal.ProtectedSettings;
import org.jspecify.annotations.Nullable;

/**
 * What a handler is to be given.
 *
 * @param publicJson JSON object text; {@code null} or blank when the installation has no settings at all
 */
public record Settings(
        long sequence, String publicJson, @Nullable ProtectedSettings protectedSettings) {
    boolean none() {
        return noPublic() && protectedSettings == null;
    }

    boolean noPublic() {
        return publicJson.isBlank() || publicJson.strip().equals("null");
    }
}
