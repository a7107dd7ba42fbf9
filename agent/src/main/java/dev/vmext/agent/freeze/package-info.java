/**
 * Has this machine hold still for a moment when the control plane copies its disk, and sees to it that it is always let go of. The wiring
 * makes it a topic of the link. It must not know what is done meanwhile, and writes nowhere but into memory while anything is frozen.
 */
@NullMarked
package dev.vmext.agent.freeze;

import org.jspecify.annotations.NullMarked;
