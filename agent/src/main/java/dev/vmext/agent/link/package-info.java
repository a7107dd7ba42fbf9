/**
 * The one connection to the control plane: enrolment, certificates, OpAMP messages, reconnects. The agent's loop sends through it and
 * gets goals from it. It must not know what a goal does on the machine.
 */
@NullMarked
package dev.vmext.agent.link;

import org.jspecify.annotations.NullMarked;
