package dev.vmext.packageformat.manifest;

import java.net.URI;
import java.time.Duration;

/** Where the extension offers metrics in the Prometheus text format. */
public record MetricEndpoint(String name, URI url, Duration interval) {}
