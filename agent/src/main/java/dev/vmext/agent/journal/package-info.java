/**
 * What this machine has and what the agent was about to do, written down before it is done and read again after a crash. Only the
 * agent's loop writes it. It must not know how a step is carried out.
 */
@NullMarked
package dev.vmext.agent.journal;

import org.jspecify.annotations.NullMarked;
