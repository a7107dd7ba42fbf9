/**
 * The machine as a host of extensions: who holds its package managers, its space, its limits, its restart. Called by the loop and by
 * the steps. Must not know installations' states, the link, or what a handler is.
 */
@NullMarked
package dev.vmext.agent.host;

import org.jspecify.annotations.NullMarked;
