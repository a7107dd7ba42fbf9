/**
 * A restic that remembers in maps, for tests. Passes the same contract as the real program. Called by tests only; knows nothing of
 * processes.
 */
@NullMarked
package dev.vmext.server.repository.testing;

import org.jspecify.annotations.NullMarked;
