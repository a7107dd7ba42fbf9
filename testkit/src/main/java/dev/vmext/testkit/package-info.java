/** Tools for tests of every module: a clock that moves when told, chance with a seed, temporary folders. Tests of any module call it. It knows nothing of vmext. */
@NullMarked
package dev.vmext.testkit;

import org.jspecify.annotations.NullMarked;
