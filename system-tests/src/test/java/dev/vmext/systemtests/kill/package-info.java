/**
 * The real agent, killed with SIGKILL in the midst of each kind of step, and what the next agent makes of it. A step is hit by a debugger that holds the
 * agent at a method, or by a handler that waits in a pipe: no chance, no time. It must not use the server's own code.
 */
@NullMarked
package dev.vmext.systemtests.kill;

import org.jspecify.annotations.NullMarked;
