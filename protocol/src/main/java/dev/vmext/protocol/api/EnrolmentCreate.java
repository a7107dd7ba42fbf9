package dev.vmext.protocol.api;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the line that enrols a machine vmext did not make. Creates the machine's record, in state expected.
 *
 * @param machine the name it will have
 * @param ttlSeconds how long the token lives; null for one hour; at most 30 days
 * @param trust the owner's trust file as text; null names the control plane's own publisher, with {@code mode}
 * @param mode trust mode full (when null), no-scripts or observe; not together with {@code trust}
 * @param gateway host:port as the machine reaches it; null for the control plane's advertised one
 */
public record EnrolmentCreate(
        String machine,
        @Nullable Long ttlSeconds,
        @Nullable String trust,
        @Nullable String mode,
        @Nullable String gateway,
        @Nullable Map<String, String> labels,
        @Nullable Map<String, InstallationWrite> installations) {}
