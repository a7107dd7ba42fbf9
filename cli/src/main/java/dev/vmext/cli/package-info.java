/**
 * The command line: noun verb commands over the public HTTP API, and local pack, sign and verify. The vmext script starts it. It knows
 * no store, no gateway and no agent, only the API and the package format.
 */
@NullMarked
package dev.vmext.cli;

import org.jspecify.annotations.NullMarked;
