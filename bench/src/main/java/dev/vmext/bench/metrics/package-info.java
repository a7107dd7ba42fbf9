/**
 * Measures the metric store beside Debian's Prometheus on the same samples in one run, and prints the rows for SPECIFICATION.md. A
 * person runs bench/run metrics. It knows nothing of agents and machines.
 */
@NullMarked
package dev.vmext.bench.metrics;

import org.jspecify.annotations.NullMarked;
