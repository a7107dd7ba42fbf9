/**
 * Where the agent's files are and what its owner wrote into them. Wiring and enrolment call it. It must not know what the values are
 * used for.
 */
@NullMarked
package dev.vmext.agent.config;

import org.jspecify.annotations.NullMarked;
