/**
 * Words with which the control plane has a machine hold still for a moment, while the disk under it is copied. Both ends read and write
 * them. Knows nothing of how a machine does that, nor of what is done meanwhile.
 */
@NullMarked
package dev.vmext.protocol.freeze;

import org.jspecify.annotations.NullMarked;
