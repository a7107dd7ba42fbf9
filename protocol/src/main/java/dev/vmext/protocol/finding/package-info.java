/**
 * What extensions detect on machines, on its way from the agent to the control plane. Used by agent and server. Knows nothing of how
 * either keeps it.
 */
@NullMarked
package dev.vmext.protocol.finding;

import org.jspecify.annotations.NullMarked;
