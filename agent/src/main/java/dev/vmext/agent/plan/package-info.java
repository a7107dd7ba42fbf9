/**
 * Decides the next step of every installation from goal, journal and observations, without clock, threads or I/O. The agent's loop
 * calls it after every event. It must not know how a step is carried out or what a handler contract looks like.
 */
@NullMarked
package dev.vmext.agent.plan;

import org.jspecify.annotations.NullMarked;
