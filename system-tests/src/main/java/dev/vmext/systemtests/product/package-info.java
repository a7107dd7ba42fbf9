/**
 * What was built, driven from outside as a user would: processes, the public API, the command line. The end-to-end tests and the
 * benchmarks use it. It knows nothing of the insides of server and agent.
 */
@NullMarked
package dev.vmext.systemtests.product;

import org.jspecify.annotations.NullMarked;
