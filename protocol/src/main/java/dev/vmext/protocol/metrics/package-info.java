/**
 * Metrics as they cross the wire: series, samples and numbered batches, and their form in OTLP. The agent's sender and the
 * server's receiver and store call it. It must not know who scrapes, what is stored, nor any socket, thread or clock.
 */
@NullMarked
package dev.vmext.protocol.metrics;

import org.jspecify.annotations.NullMarked;
