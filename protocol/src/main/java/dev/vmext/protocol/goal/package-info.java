/**
 * Everything one machine should have, compiled by the control plane and converged to by the agent. Both ends read and write it. It\n * knows nothing about how a goal is reached.
 */
@NullMarked
package dev.vmext.protocol.goal;

import org.jspecify.annotations.NullMarked;
