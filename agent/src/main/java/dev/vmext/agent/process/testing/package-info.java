/**
 * Processes that exist only in memory, for tests of what runs commands. Tests call it, and its contract test. Main code must not
 * know it.
 */
@NullMarked
package dev.vmext.agent.process.testing;

import org.jspecify.annotations.NullMarked;
