/**
 * Takes metrics from what installations declare, asks their probes, keeps the samples on the disk and sends them to the gateway, apart
 * from the link. {@code Wiring} owns it, looks at health tell it what is declared, the loop tells it what still runs. It must not know
 * how goals are planned or handlers are called.
 */
@NullMarked
package dev.vmext.agent.metrics;

import org.jspecify.annotations.NullMarked;
