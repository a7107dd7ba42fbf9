package dev.vmext.protocol.api;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a machine, together with what it should have from its first minute on.
 *
 * @param name {@code [a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?}, unique in the project
 * @param provider {@code qemu} when null
 * @param cpus null for the provider's default; likewise memoryMiB, diskGiB
 * @param labels free, for people and policies
 * @param trust the text of the owner's trust file (docs/reference/trust.schema.json); null names the control plane's own publisher in
 *     mode full. It is written into the machine's seed and never changed from here afterwards
 * @param installations by name; declared before the machine exists, installed while it is provisioned
 */
public record MachineCreate(
        String name,
        @Nullable String provider,
        @Nullable Integer cpus,
        @Nullable Integer memoryMiB,
        @Nullable Integer diskGiB,
        @Nullable Map<String, String> labels,
        @Nullable String trust,
        @Nullable Map<String, InstallationWrite> installations) {}
