/**
 * Run-once commands on the wire: what a control plane asks a machine to run, and what the machine says about it (custom capability
 * {@code vmext.exec/v1}). Control plane, agent and command line use it. It must not know how a command is run or where output is kept.
 */
@NullMarked
package dev.vmext.protocol.exec;

import org.jspecify.annotations.NullMarked;
