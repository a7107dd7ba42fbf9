/**
 * A journal in memory, for tests of what writes one. Tests call it, and its contract test. Main code must not
 * know it.
 */
@NullMarked
package dev.vmext.agent.journal.testing;

import org.jspecify.annotations.NullMarked;
