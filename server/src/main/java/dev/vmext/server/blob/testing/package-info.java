/**
 * The blob store in memory, under the same contract test as the one in files. Tests call it. Nothing that runs for a user may.
 */
@NullMarked
package dev.vmext.server.blob.testing;

import org.jspecify.annotations.NullMarked;
