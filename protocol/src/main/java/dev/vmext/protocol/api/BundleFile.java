package dev.vmext.protocol.api;

import org.jspecify.annotations.Nullable;

/**
 * A diagnostic bundle of a machine: what the control plane knows, and what its agent packed.
 *
 * @param name a file name that says of what and when
 * @param zip base64
 * @param agentProblem why the machine's end is not in it; null when it is
 */
public record BundleFile(
        String machine, String name, String zip, @Nullable String agentProblem) {}
