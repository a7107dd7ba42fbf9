package dev.vmext.packageformat.manifest;

import java.time.Duration;

/** A repeated question whether the extension is healthy. The grace time after enable does not count failures. */
public record Probe(
        String name,
        ProbeCheck check,
        Duration interval,
        Duration timeout,
        Duration grace,
        int failureThreshold,
        int successThreshold) {}
