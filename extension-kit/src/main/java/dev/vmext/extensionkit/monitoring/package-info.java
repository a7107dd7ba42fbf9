/**
 * What the agent is to watch for an installation beyond what its package declares: endpoints to read metrics from, and probes.
 * Handlers whose settings say what to watch call it; the agent reads the file that it writes.
 * It must not know how the agent reads an endpoint or asks a probe.
 */
@NullMarked
package dev.vmext.extensionkit.monitoring;

import org.jspecify.annotations.NullMarked;
