/**
 * The messages of OpAMP (open-telemetry/opamp-spec 0.18 with {@code ComponentHealth.attributes}) as records, with a small
 * hand-written Protocol Buffers reader and writer. The agent's link and the server's gateway call it. It must not know what
 * vmext puts into the messages, nor any socket, thread or clock.
 */
@NullMarked
package dev.vmext.protocol.opamp;

import org.jspecify.annotations.NullMarked;
