/**
 * The state machine of one installation, and the hands that carry out its steps and watch its health. The agent's loop calls it. It
 * must not know where goals come from or where statuses go.
 */
@NullMarked
package dev.vmext.agent.run;

import org.jspecify.annotations.NullMarked;
