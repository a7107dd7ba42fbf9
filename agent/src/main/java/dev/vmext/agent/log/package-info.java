/**
 * The agent's own log: one line format, one size limit, no secrets. Main sets it up before anything else; everybody logs through the
 * platform's logger. It must not know what is logged.
 */
@NullMarked
package dev.vmext.agent.log;

import org.jspecify.annotations.NullMarked;
