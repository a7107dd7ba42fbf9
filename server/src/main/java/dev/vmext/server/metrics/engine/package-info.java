/**
 * Samples in one SQLite file beside the fleet's: batches as they came, then compressed blocks of two hours, then averages of five
 * minutes and of an hour. The wiring opens it; everybody else sees the port. It must not know of HTTP, machines' names or alerts.
 */
@NullMarked
package dev.vmext.server.metrics.engine;

import org.jspecify.annotations.NullMarked;
