/**
 * The control plane's side of metrics: the port of the store, what comes in from machines, what may be asked of it, and the texts
 * that leave it for Prometheus. The gateway hands batches in, the API and the alert rules ask. It knows nothing of how an engine keeps
 * samples, and of machines only their ids and names.
 */
@NullMarked
package dev.vmext.server.metrics;

import org.jspecify.annotations.NullMarked;
