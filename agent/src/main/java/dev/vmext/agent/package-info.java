/**
 * The guest agent: one loop that owns all state, and the wiring around it. The launcher script starts {@link dev.vmext.agent.Main}.
 * Nothing else on the machine or in vmext may depend on it.
 */
@NullMarked
package dev.vmext.agent;

import org.jspecify.annotations.NullMarked;
