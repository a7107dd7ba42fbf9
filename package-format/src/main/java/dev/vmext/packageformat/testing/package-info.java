/**
 * Packages for tests, good ones and evil ones. Tests of all modules call it; no program does. It knows nothing of who will
 * read the packages.
 */
@NullMarked
package dev.vmext.packageformat.testing;

import org.jspecify.annotations.NullMarked;
