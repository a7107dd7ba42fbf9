/**
 * Our gateway before OpAMP agents that nobody here wrote. The build runs them after the unit tests; each takes a real connection with
 * TLS to a gateway in this process. They must not use what only our own agent knows.
 */
@NullMarked
package dev.vmext.systemtests.strangers;

import org.jspecify.annotations.NullMarked;
