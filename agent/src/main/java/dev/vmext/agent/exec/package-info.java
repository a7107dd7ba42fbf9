/**
 * Run-once commands of the control plane: written down before they begin, run at most once, their output kept until the control plane
 * has it. The wiring plugs it into the link and gives it the owner's word. It must not know what an installation or a goal is.
 */
@NullMarked
package dev.vmext.agent.exec;

import org.jspecify.annotations.NullMarked;
