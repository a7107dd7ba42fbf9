/**
 * What public handlers rely on, held by handlers of our own that imitate them: no public package is needed, and none is kept here. The
 * build runs it with the other tests that start processes. What was seen with the public ones stands in docs/reference/compatibility.md.
 */
@NullMarked
package dev.vmext.systemtests.compatibility;

import org.jspecify.annotations.NullMarked;
