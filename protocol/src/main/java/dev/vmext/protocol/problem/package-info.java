/**
 * Everything that can go wrong at an edge of vmext, as one table of stable codes. API, command line, gateway and agent raise and\n * translate them. It knows nothing about how an edge presents them.
 */
@NullMarked
package dev.vmext.protocol.problem;

import org.jspecify.annotations.NullMarked;
