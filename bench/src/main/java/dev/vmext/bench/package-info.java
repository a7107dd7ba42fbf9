/**
 * Measures the promises of SPECIFICATION.md on the product as it was built and prints them as its table. A person runs bench/run. It
 * uses only what a user could.
 */
@NullMarked
package dev.vmext.bench;

import org.jspecify.annotations.NullMarked;
